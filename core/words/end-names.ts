/**
 * How what stands at an end elsewhere is called, and reached. Names follow from the configuration, so that no stack has to
 * ask another for them: an export from one region to the next would put that region's control plane before every deploy.
 */
import { digestOf } from './digest';
import type { Deployment } from './domain';
import type { End } from './end';
import { isElsewhere } from './ends';
import type { Rung } from './rungs';

/** How functions of ours get to another region or account. */
export interface Reach {
  /** The end's, as logs say it. */
  readonly name: string;
  readonly region: string;
  /** ARN of the role to take on; absent: our own rights reach there. */
  readonly role?: string;
  readonly externalId?: string;
}

type Named = Pick<Deployment, 'name'>;
type AtEnd = Pick<End, 'name'>;

/** Every role of a deployment lies under it. */
export const rolePath = ({ name }: Named): string => `/switchback/${name}/`;

/** Of roles that an end in another account trusts: those of the functions that decide and write, and no canary's. */
export const brainPath = (deployment: Named): string => `${rolePath(deployment)}brain/`;

/** The roles at an end that may wake the machine lie under it. */
export const sensePath = (deployment: Named): string => `${rolePath(deployment)}sense/`;

export const endStackName = ({ name }: Named, end: AtEnd): string => `${name}-end-${end.name}`;

export const reportsTableAt = ({ name }: Named, end: AtEnd): string => `switchback-${name}-reports-${end.name}`;

/** Of a repair of a gateway that stands at this end. Two ends elsewhere may be in one region of one account. */
export const documentAt = (
  deployment: Pick<Deployment, 'region' | 'runbooks'>,
  rung: Rung,
  end: End | undefined,
): string => (isElsewhere(deployment, end) ? `${deployment.runbooks[rung]}-${end!.name}` : deployment.runbooks[rung]);

/** The function at an end elsewhere that claims gateways for its repairs; its role lies under it. */
export const claimPath = (deployment: Named): string => `${rolePath(deployment)}claim/`;

/** In the deployment's own account: what that function takes on. */
export const claimRoleName = ({ name }: Named, end: AtEnd): string => fitting(`switchback-${name}-claim-${end.name}`);

/** At an end elsewhere: what its repairs act by. */
export const repairRoleName = ({ name }: Named, end: AtEnd): string => fitting(`switchback-${name}-repair-${end.name}`);

/** Unless the author names one. */
export const endRoleName = ({ name }: Named, end: AtEnd): string => fitting(`switchback-${name}-end-${end.name}`);

/** In the deployment's own account: what `sense` of that end takes on to start the machine. */
export const wakerRoleName = ({ name }: Named, end: AtEnd): string => fitting(`switchback-${name}-wake-${end.name}`);

export const roleArn = (deployment: Named, account: string, role: string): string =>
  `arn:aws:iam::${account}:role${rolePath(deployment)}${role}`;

/** How the deployment's functions get to an end; undefined: it is where they are. */
export function reachOf(deployment: Pick<Deployment, 'name' | 'region'>, end: End | undefined): Reach | undefined {
  if (end === undefined || !isElsewhere(deployment, end)) return undefined;
  const { account, externalId, name, region } = end;
  if (account === undefined) return { name, region };
  const role = roleArn(deployment, account, end.role ?? endRoleName(deployment, end));
  return { name, region, role, ...(externalId !== undefined && { externalId }) };
}

/** How `sense` of an end elsewhere gets to the machine. */
export function wakerReach(deployment: Pick<Deployment, 'name' | 'region' | 'account'>, end: End): Reach {
  const { account, externalId } = end;
  const reach = { name: deployment.name, region: deployment.region };
  if (account === undefined) return reach;
  const role = roleArn(deployment, deployment.account!, wakerRoleName(deployment, end));
  return { ...reach, role, ...(externalId !== undefined && { externalId }) };
}

export const endsElsewhere = (deployment: Pick<Deployment, 'ends' | 'region'>): End[] =>
  Object.values(deployment.ends ?? {}).filter((end) => isElsewhere(deployment, end));

/** IAM's limit on a role's name. */
const roleNameMax = 64;

/** A name that is too long is cut, and ends in a digest of the whole. */
function fitting(name: string): string {
  if (name.length <= roleNameMax) return name;
  const digest = digestOf(name).slice(0, 12);
  return `${name.slice(0, roleNameMax - digest.length - 1)}-${digest}`;
}
