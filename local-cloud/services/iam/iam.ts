/**
 * IAM, as far as somebody changes a role by a call: whom it trusts, and its inline policies.
 *
 *     UpdateAssumeRolePolicy ... read back at once | goes on as before | ... in force everywhere
 *     0                                                                  up to `settlingMsMax`
 *
 * AWS calls IAM eventually consistent and names no bound; whoever changes a role must wait. Until then every call is
 * answered by the role as it was.
 */
import { secondMs } from '../../../core/words/time';
import type { VirtualClock } from '../../clock';
import type { Authority } from '../../iam/authority';
import { readPolicy } from '../../iam/policy';
import { type RoleDocuments, roleDocuments, roleWith } from '../../iam/roles';
import type { Random } from '../../random';
import { AwsError, type FakeService, NotModelled } from '../../service';
import type { Json, JsonObject } from '../../template/json';
import type { Resource, Template } from '../../template/template';

export interface IamOptions {
  readonly clock: VirtualClock;
  readonly template: Template;
  readonly authority: Authority;
  readonly random: Pick<Random, 'next'>;
  /** The stack of the same account that has this role. @default - only this one is there */
  readonly iamOf?: (role: string) => Iam | undefined;
}

/** What calls have changed; the rest is the template's. */
interface Change {
  readonly trust?: Json;
  /** Null: deleted. */
  readonly policies: ReadonlyMap<string, Json | null>;
}

/** People report seconds as a rule, and a minute at worst: an estimate. */
const settlingMsMax = 40 * secondMs;

export class Iam implements FakeService {
  readonly name = 'iam';
  private template: Template;
  /** By name of the role. */
  private readonly changes = new Map<string, Change>();
  private version = 0;
  private readonly inForce = new Map<string, number>();

  constructor(private readonly options: IamOptions) {
    this.template = options.template;
  }

  async call(operation: string, input: unknown): Promise<unknown> {
    const { RoleName, ...rest } = input as JsonObject;
    const name = String(RoleName);
    return (this.options.iamOf?.(name) ?? this).answer(operation, name, rest);
  }

  /** What calls have changed stays changed: CloudFormation touches only what differs between two templates. */
  redeploy(template: Template): void {
    this.template = template;
    for (const name of this.changes.keys()) {
      const role = this.found(name);
      if (role !== undefined) this.options.authority.amend(roleWith(role, template, this.documentsOf(role)));
    }
  }

  private answer(operation: string, name: string, input: JsonObject): unknown {
    const role = this.found(name);
    if (role === undefined) throw noEntity(`The role with name ${name} cannot be found.`);
    const policy = String(input['PolicyName']);
    switch (operation) {
      case 'GetRole':
        return {
          Role: { RoleName: name, Arn: role.arn, AssumeRolePolicyDocument: asSent(this.documentsOf(role).trust) },
        };
      case 'GetRolePolicy':
        return { RoleName: name, PolicyName: policy, PolicyDocument: asSent(this.policyOf(role, policy)) };
      case 'UpdateAssumeRolePolicy':
        return this.change(role, { trust: read(input['PolicyDocument'], true) });
      case 'PutRolePolicy':
        return this.change(role, { policies: new Map([[policy, read(input['PolicyDocument'], false)]]) });
      case 'DeleteRolePolicy':
        this.policyOf(role, policy);
        return this.change(role, { policies: new Map([[policy, null]]) });
      default:
        throw new NotModelled('iam', operation);
    }
  }

  private found(name: string): Resource | undefined {
    return this.template.ofType('AWS::IAM::Role').find((role) => role.name === name);
  }

  private policyOf(role: Resource, name: string): Json {
    const found = this.documentsOf(role).inline.get(name);
    if (found === undefined) throw noEntity(`The role policy with name ${name} cannot be found.`);
    return found.document;
  }

  private documentsOf(role: Resource): RoleDocuments {
    const { trust, inline } = roleDocuments(role, this.template);
    const change = this.changes.get(role.name);
    const all = new Map(inline);
    for (const [name, document] of change?.policies ?? []) {
      if (document === null) all.delete(name);
      else all.set(name, { document, where: `${role.logicalId}/${name}` });
    }
    return { trust: change?.trust ?? trust, inline: all };
  }

  private change(role: Resource, change: Partial<Change>): object {
    const { authority, clock, random } = this.options;
    const before = this.changes.get(role.name);
    const policies = new Map([...(before?.policies ?? []), ...(change.policies ?? [])]);
    this.changes.set(role.name, { ...before, ...change, policies });
    const changed = roleWith(role, this.template, this.documentsOf(role));
    const version = ++this.version;
    clock.after(Math.ceil(random.next() * settlingMsMax), `iam ${role.name}`, () => {
      if (version < (this.inForce.get(role.name) ?? 0)) return; // A later change is in force already, and holds this one.
      this.inForce.set(role.name, version);
      authority.amend(changed);
    });
    return {};
  }
}

const noEntity = (message: string): AwsError => new AwsError('NoSuchEntity', message, 404);

/** IAM answers with documents as a URL would hold them. */
const asSent = (document: Json): string => encodeURIComponent(JSON.stringify(document));

/** Throws what IAM says of a text that is no policy. */
function read(text: Json | undefined, isTrust: boolean): Json {
  const wrong = (why: string): AwsError => new AwsError('MalformedPolicyDocument', why);
  let document: Json;
  try {
    document = JSON.parse(String(text)) as Json;
  } catch {
    throw wrong('Syntax errors in policy.');
  }
  const statements = readPolicy(document, 'policy');
  if (statements.some(({ principals }) => principals.length === 0) && isTrust)
    throw wrong('Missing required field Principal');
  if (!isTrust && statements.some(({ principals }) => principals.length > 0))
    throw wrong('Policy document should not specify a principal.');
  return document;
}
