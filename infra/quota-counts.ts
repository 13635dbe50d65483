/** What the quotas count in a rendered template: resources of a kind, characters of policies, widgets, steps. */
import { filledIn, renderedCharacters } from './granting/policy-size';

/** A template as it is rendered, what CloudFormation fills in still to come. */
export interface RenderedTemplate {
  /** As it is uploaded. */
  readonly text: string;
  readonly Resources?: Readonly<Record<string, RenderedResource>>;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

export interface RenderedResource {
  readonly Type: string;
  readonly Properties?: Properties;
}

type Properties = Readonly<Record<string, unknown>>;

/** Whose is how much: the name is a resource's, or empty where the whole stack is counted. */
export interface Count {
  readonly of: string;
  readonly count: number;
}

/** Every resource of a type, each for itself. */
export function of(type: string, count: (properties: Properties) => number): (template: RenderedTemplate) => Count[] {
  return (template) =>
    ofType(template, type).map(([name, { Properties = {} }]) => ({ of: name, count: count(Properties) }));
}

export const countOf = (type: string) => (template: RenderedTemplate) => ofType(template, type).length;

export function sumOf(type: string, count: (properties: Properties) => number) {
  return (template: RenderedTemplate) =>
    ofType(template, type).reduce((sum, [, { Properties = {} }]) => sum + count(Properties), 0);
}

function ofType({ Resources = {} }: RenderedTemplate, type: string): [name: string, resource: RenderedResource][] {
  return Object.entries(Resources).filter(([, resource]) => resource.Type === type);
}

/** Of a list or an object; what is absent has none. */
export const size = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Object.keys(value).length : 0;

export const canaryFunctions = (template: RenderedTemplate): RenderedResource[] =>
  ofType(template, 'AWS::Lambda::Function')
    .map(([, resource]) => resource)
    .filter(({ Properties }) => Properties?.['VpcConfig'] !== undefined);

/** Those on the role itself, and those that name it. */
export function inlineCharacters(template: RenderedTemplate): Count[] {
  const attached = ofType(template, 'AWS::IAM::Policy');
  return ofType(template, 'AWS::IAM::Role').map(([name, { Properties = {} }]) => {
    const own = ((Properties['Policies'] ?? []) as readonly { PolicyDocument: unknown }[]).map((p) => p.PolicyDocument);
    const others = attached
      .filter(([, policy]) => rolesOf(policy).includes(name))
      .map(([, policy]) => policy.Properties?.['PolicyDocument']);
    return { of: name, count: [...own, ...others].reduce<number>((sum, each) => sum + renderedCharacters(each), 0) };
  });
}

export function managedPolicies(template: RenderedTemplate): Count[] {
  const attached = ofType(template, 'AWS::IAM::ManagedPolicy');
  return ofType(template, 'AWS::IAM::Role').map(([name, { Properties = {} }]) => ({
    of: name,
    count:
      size(Properties['ManagedPolicyArns']) + attached.filter(([, policy]) => rolesOf(policy).includes(name)).length,
  }));
}

function rolesOf({ Properties = {} }: RenderedResource): unknown[] {
  return ((Properties['Roles'] ?? []) as readonly { readonly Ref?: string }[]).map(({ Ref }) => Ref);
}

interface Widget {
  readonly properties?: { readonly metrics?: unknown };
}

/** The body is one text with names to fill in; a name that is not JSON's ends the count, not the synthesis. */
export function widgetsOf({ DashboardBody }: Properties): readonly Widget[] {
  const { widgets } = JSON.parse(String(filledIn(DashboardBody))) as { readonly widgets: readonly Widget[] };
  return widgets;
}

export function environmentBytes({ Environment }: Properties): number {
  const { Variables = {} } = (Environment ?? {}) as { readonly Variables?: Properties };
  return Object.entries(Variables).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + renderedCharacters(value) - '""'.length,
    0,
  );
}

/** What a runbook writes into Parameter Store, its own parameters at their longest. */
export function storedCharacters({ Content }: Properties): number {
  const { mainSteps = [] } = (Content ?? {}) as {
    readonly mainSteps?: readonly { readonly inputs?: { readonly Api?: string; readonly Value?: unknown } }[];
  };
  const values = mainSteps.flatMap(({ inputs }) => (inputs?.Api === 'PutParameter' ? [String(inputs.Value)] : []));
  return Math.max(0, ...values.map((value) => value.replaceAll(/\{\{[^}]*\}\}/g, 'x'.repeat(64)).length));
}
