/**
 * Which grants of the synthesized roles are used: every (role, action, resource) a policy allows, held against what was
 * asked for while scenarios played. Over all scenarios and sites together; a role is the same role in each.
 *
 * EC2's ids are not told apart: the grant on one listed route table is used when another of the list was written. What
 * conditions a grant carries is: power over declared instances and power over instances we launched are two.
 */
import type { Authority, Usage } from './authority';
import type { Statement } from './policy';
import { matchesAction, matchesText } from './wildcard';

export interface Request {
  /** The role, without CloudFormation's hash. */
  readonly role: string;
  readonly action: string;
  /** In a grant with EC2's ids replaced by `…` and without hashes, as `ec2:route-table/…`. */
  readonly resource: string;
  /** How often it was allowed; of a denial, how often it was denied. */
  readonly count: number;
}

export interface Grant extends Request {
  /** The condition keys that narrow it; empty: nothing does. */
  readonly condition: string;
}

/** Lists and questions, by AWS's own naming. */
export const isReading = (action: string): boolean =>
  /^[a-z0-9]+:(Describe|Get|List|BatchGet|Search|Test)/.test(action);

/** `role: action on resource if condition`. */
export function textOf({ role, action, resource, condition = '' }: Omit<Grant, 'condition'> & Partial<Grant>): string {
  return `${role}: ${action} on ${resource}${condition === '' ? '' : ` if ${condition}`}`;
}

export class GrantUse {
  private readonly granted = new Map<string, Grant>();
  private readonly denied = new Map<string, Request>();

  /** Everything a finished run's roles hold, and what was asked of them. */
  add(authority: Pick<Authority, 'roles' | 'usage'>): void {
    const usage = authority.usage();
    for (const { logicalId, statements } of authority.roles.values()) {
      const role = withoutHash(logicalId);
      const asked = usage.filter((one) => one.role === logicalId);
      const grants = statements.filter(({ effect }) => effect === 'Allow').flatMap((each) => grantsOf(each, asked));
      for (const grant of grants) count(this.granted, { ...grant, role });
      for (const denial of asked.filter(({ allowed }) => !allowed)) count(this.denied, { ...denial, role });
    }
  }

  /** By role, action and resource. */
  grants(): Grant[] {
    return sorted(this.granted);
  }

  denials(): Request[] {
    return sorted(this.denied);
  }
}

function grantsOf(
  { actions, conditions, resources, where }: Statement,
  asked: readonly Usage[],
): Omit<Grant, 'role'>[] {
  const condition = [...new Set(conditions.map(({ key }) => key))].join(' and ');
  const byThis = asked.filter(({ allowed, by }) => allowed && by === where);
  return actions.flatMap((action) =>
    resources.map((resource) => {
      const uses = byThis.filter((one) => matchesAction(action, one.action) && matchesText(resource, one.resource));
      const total = uses.reduce((sum, one) => sum + one.count, 0);
      return { action, resource: nameOf(resource), condition, count: total };
    }),
  );
}

function count<T extends Request>(into: Map<string, T>, one: T): void {
  const key = textOf(one);
  into.set(key, { ...one, count: one.count + (into.get(key)?.count ?? 0) });
}

const sorted = <T extends Request>(from: ReadonlyMap<string, T>): T[] =>
  [...from].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);

/** `arn:aws:ec2:eu-central-1:111111111111:instance/i-0aaaaaaaaaaaaaaa1` -> `ec2:instance/…`. */
function nameOf(resource: string): string {
  const parts = resource.split(':');
  if (parts.length < 6) return resource;
  const rest = parts
    .slice(5)
    .join(':')
    .replace(/\b[a-z]+-[0-9a-f]{17}\b/, '…');
  return `${parts[2]}:${withoutHash(rest)}`;
}

/** CloudFormation ends a logical id, and a name it makes of one, with eight capital hexadecimal digits. */
const withoutHash = (name: string): string => name.replace(/[0-9A-F]{8}(?=$|[:/])/g, '');
