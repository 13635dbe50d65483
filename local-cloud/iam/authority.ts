/**
 * Says yes or no to every call, as the role's own policies say, and keeps the record that `npm run iam` reads.
 *
 * Law: no call is answered without being asked here, but those of the scenario's operator and of AWS services acting
 * for themselves under a resource policy (`permits`).
 */
import { AwsError, type Principal } from '../service';
import type { JsonObject } from '../template/json';
import type { Resource, Template } from '../template/template';
import { accessNeeds, type Places } from './actions';
import type { RequestContext } from './conditions';
import { type AccessRequest, evaluate, type Verdict } from './evaluate';
import type { Statement } from './policy';
import { mayAssume, personWith, type Role, rolesOf } from './roles';

/** One (role, action, resource), asked at least once. */
export interface Usage {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
  count: number;
  /** The statement that allowed it; empty when denied. */
  readonly by: string;
}

export class Authority {
  readonly roles = new Map<string, Role>();
  private readonly used = new Map<string, Usage>();
  private readonly places: Places;
  private readonly partitionKeys = new Map<string, string>();
  private functionArns: ReadonlyMap<string, string> = new Map();

  constructor(
    private template: Template,
    lookups: Partial<Omit<Places, 'region' | 'accountId'>> = {},
  ) {
    this.redeploy(template);
    this.places = {
      region: template.region,
      accountId: template.accountId,
      contextOf: lookups.contextOf ?? (() => ({})),
      assumeRoleOf: lookups.assumeRoleOf ?? (() => undefined),
      launchOf: lookups.launchOf ?? (() => ({ subnets: [], roles: [] })),
      partitionKeyOf: (table) => this.partitionKeyOf(table) ?? lookups.partitionKeyOf?.(table),
      machineOf: lookups.machineOf ?? (() => '*'),
      roleArnOf: lookups.roleArnOf ?? ((name) => this.roleNamed(name)?.arn),
    };
  }

  /** Of the template's own tables. */
  partitionKeyOf(table: string): string | undefined {
    return this.partitionKeys.get(table);
  }

  /** The roles may from now on what this template says; one that is in it no more keeps what it had. */
  redeploy(template: Template): void {
    this.template = template;
    for (const role of rolesOf(template)) this.roles.set(role.logicalId, role);
    this.functionArns = new Map(template.ofType('AWS::Lambda::Function').map(({ name, arn }) => [name, arn]));
    // A table that the template no longer has may be kept, and called by its name.
    for (const [table, key] of template.ofType('AWS::DynamoDB::Table').map(partitionKey))
      this.partitionKeys.set(table, key);
  }

  /** Of the template. */
  roleNamed(name: string): Role | undefined {
    return rolesOf(this.template).find((role) => role.name === name);
  }

  /** Somebody has changed it by a call to IAM, and that has got about. */
  amend(role: Role): void {
    this.roles.set(role.logicalId, role);
  }

  /**
   * A person who may do what these policies of the template say, and a document of his own; calls are made under the
   * role that is answered.
   */
  admit(name: string, policyArns: readonly string[], document?: JsonObject): Role {
    const person = personWith(name, policyArns, this.template, document);
    this.roles.set(person.logicalId, person);
    return person;
  }

  /** Throws the service's own refusal unless the principal's role allows the call, and nothing above it forbids it. */
  check(principal: Principal, service: string, operation: string, input: JsonObject, isForbidden = false): void {
    if (principal.role === 'operator') return;
    // What a function's code calls carries the function; what Lambda itself does with the role does not.
    const functionArn = this.functionArns.get(principal.by);
    const region = principal.region ?? this.places.region;
    const caller: RequestContext = {
      'aws:requestedregion': [region],
      ...(functionArn !== undefined && { 'lambda:sourcefunctionarn': [functionArn] }),
      ...(principal.issuedAt !== undefined && { 'aws:tokenissuetime': [new Date(principal.issuedAt).toISOString()] }),
    };
    for (const need of accessNeeds(service, operation, input, { ...this.places, region })) {
      const request = { ...need, context: { ...need.context, ...caller } };
      const role = this.roles.get(principal.role);
      if (isForbidden && role !== undefined) throw refusal(service, role, principal, request, controlPolicy);
      const verdict = this.ask(principal.role, request);
      if (!verdict.allowed) {
        const why = verdict.explicit
          ? identityPolicy
          : `because no identity-based policy allows the ${need.action} action`;
        throw refusal(service, role!, principal, request, why);
      }
    }
  }

  /** One request of a role, recorded. */
  ask(logicalId: string, request: AccessRequest): Verdict {
    const role = this.roles.get(logicalId);
    if (role === undefined) throw new Error(`The template has no role '${logicalId}'`);
    const verdict = evaluate(role.statements, request);
    const key = `${logicalId} ${request.action} ${request.resource} ${verdict.allowed}`;
    const { action, resource } = request;
    const used = this.used.get(key);
    if (used !== undefined) used.count++;
    else {
      const by = verdict.allowed ? verdict.by : '';
      this.used.set(key, { role: logicalId, action, resource, allowed: verdict.allowed, count: 1, by });
    }
    return verdict;
  }

  /** The role with this ARN, which `service` must be trusted to assume on behalf of `sourceArn`, where it names one. */
  roleFor(arn: string, service: string, sourceArn?: string): Role {
    const role = [...this.roles.values()].find((candidate) => candidate.arn === arn);
    if (role === undefined) throw new Error(`No role of the template has the ARN '${arn}'`);
    if (!mayAssume(role, service, sourceArn)) {
      throw new AwsError('AccessDeniedException', `${service} is not authorized to assume role ${arn}`, 403);
    }
    return role;
  }

  usage(): Readonly<Usage>[] {
    return [...this.used.values()];
  }
}

function partitionKey({ name, properties }: Resource): [string, string] {
  const schema = (properties['KeySchema'] ?? []) as readonly JsonObject[];
  const hash = schema.find((one) => one['KeyType'] === 'HASH');
  return [name, String(hash?.['AttributeName'])];
}

/** Does a resource policy let this AWS service do it, for this source? */
export function permits(statements: readonly Statement[], service: string, request: AccessRequest): boolean {
  const own = statements.filter((statement) => statement.principals.some((who) => who === service || who === '*'));
  return evaluate(own, request).allowed;
}

const identityPolicy = 'with an explicit deny in an identity-based policy';
const controlPolicy = 'with an explicit deny in a service control policy';

/** Each service refuses in its own words. */
function refusal(service: string, role: Role, principal: Principal, request: AccessRequest, why: string): AwsError {
  const who = `arn:aws:sts::${role.arn.split(':')[4]}:assumed-role/${role.name}/${principal.by}`;
  const sentence = `User: ${who} is not authorized to perform: ${request.action} on resource: ${request.resource} ${why}`;
  switch (service) {
    case 'ec2':
      return new AwsError(
        'UnauthorizedOperation',
        `You are not authorized to perform this operation. ${sentence}`,
        403,
      );
    case 'sns':
      return new AwsError('AuthorizationErrorException', sentence, 403);
    case 'cloudwatch':
    case 'iam':
    case 's3':
      return new AwsError('AccessDenied', sentence, 403);
    case 'lambda':
      return new AwsError('AccessDeniedException', sentence, 403);
    default:
      return new AwsError('AccessDeniedException', sentence, 400);
  }
}
