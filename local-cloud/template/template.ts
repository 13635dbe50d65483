/**
 * The synthesized CloudFormation template as the local cloud sees it: resources with resolved properties and with the
 * names and ARNs they would have after a deployment.
 *
 * Resolution is lazy and by need, so that resources may refer to each other in any order; a cycle is an error.
 * Invariant: whatever is not understood (a resource type, an intrinsic, a reference) fails by name at load.
 */
import { type Identity, identify, isKnowinglyIgnored } from './identity';
import { type Pseudo, resolveValue } from './intrinsics';
import { accountId, type Json, type JsonObject } from './json';
import { onceFor } from './once';

/** What `infra/synthesize.ts` hands over, reduced to what is needed here. */
export interface TemplateSource {
  readonly stackName: string;
  readonly region: string;
  /** @default - the account that everything belongs to where nobody names one */
  readonly account?: string | undefined;
  readonly template: unknown;
  /** Directory or file of the asset that CloudFormation would find under this S3 key. */
  assetPath(key: string): string;
  /** Stacks of the same deployment in other regions, which hand events on to this one. */
  readonly elsewhere?: readonly Pick<TemplateSource, 'stackName' | 'region' | 'template'>[];
}

export interface Resource extends Identity {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
}

interface RawResource {
  readonly Type: string;
  readonly Properties?: JsonObject;
  readonly Condition?: string;
}

export class Template {
  readonly region: string;
  readonly accountId: string;
  private readonly raw: Record<string, RawResource>;
  private readonly parameters: Record<string, { Default?: Json }>;
  private readonly pseudo: Pseudo;
  private readonly identities = new Map<string, Identity>();
  private readonly resources = new Map<string, Resource>();
  private readonly underway = new Set<string>();

  constructor(
    readonly source: TemplateSource,
    deployments = 1,
  ) {
    const document = source.template as {
      Resources?: Record<string, RawResource>;
      Parameters?: Record<string, { Default?: Json }>;
    };
    this.raw = document.Resources ?? {};
    this.parameters = document.Parameters ?? {};
    this.region = source.region;
    this.accountId = source.account ?? accountId;
    this.pseudo = { accountId: this.accountId, region: source.region, stackName: source.stackName, deployments };
    for (const logicalId of Object.keys(this.raw)) this.resource(logicalId);
  }

  /** Every resource of these types, in template order. */
  ofType(...types: readonly string[]): Resource[] {
    return Object.keys(this.raw)
      .filter((logicalId) => types.includes(this.raw[logicalId]!.Type))
      .map((logicalId) => this.resource(logicalId));
  }

  resource(logicalId: string): Resource {
    const known = this.resources.get(logicalId);
    if (known !== undefined) return known;
    const raw = this.rawOf(logicalId);
    if (raw.Condition !== undefined) throw new Error(`Resource '${logicalId}' has a Condition: not modelled`);
    // What is ignored needs a name (others refer to it) but nobody reads its properties.
    const properties = isKnowinglyIgnored(raw.Type)
      ? {}
      : (this.resolve(raw.Properties ?? {}, logicalId) as JsonObject);
    const resource = { logicalId, type: raw.Type, properties, ...this.identity(logicalId) };
    this.resources.set(logicalId, resource);
    return resource;
  }

  /** The resource that has this ARN; a qualified function ARN finds the function's version or alias. */
  byArn(arn: string): Resource | undefined {
    return this.all().find((resource) => resource.arn === arn || resource.ref === arn);
  }

  /** The value of the output with this in its name: constructs add letters of their own. Undefined: there is none. */
  output(name: string): Json | undefined {
    const { Outputs = {} } = this.source.template as { Outputs?: Record<string, { readonly Value: Json }> };
    const found = Object.entries(Outputs).find(([id]) => id.includes(name));
    return found && this.resolve(found[1].Value, found[0]);
  }

  all(): Resource[] {
    return Object.keys(this.raw).map((logicalId) => this.resource(logicalId));
  }

  private rawOf(logicalId: string): RawResource {
    const raw = this.raw[logicalId];
    if (raw === undefined) throw new Error(`The template refers to '${logicalId}', which it does not define`);
    return raw;
  }

  private identity(logicalId: string): Identity {
    const known = this.identities.get(logicalId);
    if (known !== undefined) return known;
    if (this.underway.has(logicalId)) throw new Error(`The name of resource '${logicalId}' depends on itself`);
    this.underway.add(logicalId);
    const raw = this.rawOf(logicalId);
    const identity = identify({
      logicalId,
      type: raw.Type,
      pseudo: this.pseudo,
      property: (name) => this.resolve(raw.Properties?.[name] ?? null, logicalId),
    });
    this.underway.delete(logicalId);
    this.identities.set(logicalId, identity);
    return identity;
  }

  private resolve(value: Json, within: string): Json {
    return resolveValue(value, {
      within,
      pseudo: this.pseudo,
      ref: (target) => {
        const parameter = this.parameters[target];
        if (parameter === undefined) return this.identity(target).ref;
        if (parameter.Default === undefined) throw new Error(`Parameter '${target}' has no default`);
        return parameter.Default;
      },
      attribute: (target, name) => {
        const value = this.identity(target).attributes[name];
        if (value === undefined) {
          throw new Error(
            `'${within}' reads attribute '${name}' of '${target}' (${this.rawOf(target).Type}): not modelled`,
          );
        }
        return value;
      },
    });
  }
}

const templatesOf = onceFor((_source: TemplateSource) => new Map<number, Template>());

/** The template of a synthesis as the stack's first deployment or a later one, each read once. */
export function templateOf(source: TemplateSource, deployments = 1): Template {
  const known = templatesOf(source);
  const found = known.get(deployments) ?? new Template(source, deployments);
  known.set(deployments, found);
  return found;
}
