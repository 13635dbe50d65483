/**
 * Whether what `replace` wrote down of a gateway and what is journalled agree, asked by each sweep of a connection that
 * nobody holds. What may be adopted is journalled; what is apart is noted in the gateway's item, where runs read it and
 * tell people (core/decide/identity-voice.ts).
 */
import type { StateTable } from '../../adapters/dynamodb/state-table';
import { isFault } from '../../adapters/errors';
import { apartAfter, type Compared, type Comparison, compareWritten } from '../../core/gateways/adoption';
import type { Connection, Deployment, GatewayName } from '../../core/words/domain';
import { gatewaysOf } from '../../core/words/ends';
import type { Evidence, GatewayLease } from '../../core/words/evidence';
import { instanceAt } from '../../core/words/gateways';
import { logLine } from '../log';
import type { World } from '../world';

export interface Settling {
  readonly world: World;
  readonly deployment: Deployment;
  readonly state: StateTable;
  /** What the parameters say; a gateway that is missing was not asked about, or did not answer. */
  readonly written: Evidence['standIns'];
}

/** The evidence as it is once that is written: who was adopted is the gateway from this very look on. */
export async function settleIdentities(
  settling: Settling,
  connection: Connection,
  evidence: Evidence,
): Promise<Evidence> {
  let settled = evidence;
  for (const gateway of gatewaysOf(connection)) {
    // Only of instances that may be replaced.
    if (settling.written[gateway] === undefined || !settled.gatewayLeases[gateway]) continue;
    settled = await settleOne(settling, connection, settled, gateway);
  }
  return settled;
}

async function settleOne(
  { world, deployment, state, written }: Settling,
  connection: Connection,
  evidence: Evidence,
  name: GatewayName,
): Promise<Evidence> {
  const now = world.now();
  const withLease = (lease: GatewayLease): Compared => ({
    deployment,
    connection,
    evidence: { ...evidence, gatewayLeases: { ...evidence.gatewayLeases, [name]: lease } },
    now,
  });
  const find = (lease: GatewayLease): Comparison =>
    compareWritten(withLease(lease), instanceAt(deployment, name), written[name]!);
  const changeOf = (lease: GatewayLease) => {
    const finding = find(lease);
    const apart = apartAfter(finding, lease.apart ?? null, now);
    if (finding.kind === 'adopt') return { identity: finding.replacement, apart: null };
    return JSON.stringify(apart) === JSON.stringify(lease.apart ?? null) ? null : { apart };
  };
  const lease = evidence.gatewayLeases[name]!;
  const change = changeOf(lease);
  if (change === null) return evidence;
  const say = (level: 'warn' | 'error', what: string, because: string): void =>
    logLine(world, { level, what: `sweep: ${what}`, because, connection: connection.name, gateway: name });
  try {
    if (!(await state.amend(name, changeOf))) return evidence;
  } catch (error) {
    if (!isFault(error)) throw error;
    say('error', 'identity not written', error.message);
    return evidence;
  }
  const { apart, identity = lease.identity } = change;
  say('warn', change.identity === undefined ? 'identities compared' : 'replacement adopted', textOf(find(lease)));
  const { apart: _, ...rest } = lease;
  const amended: GatewayLease = { ...rest, identity, ...(apart !== null && { apart }) };
  return {
    ...evidence,
    gatewayLeases: { ...evidence.gatewayLeases, [name]: amended },
    // Of the machine that was the gateway until now.
    instances: change.identity === undefined ? evidence.instances : { ...evidence.instances, [name]: null },
  };
}

function textOf(finding: Comparison): string {
  switch (finding.kind) {
    case 'adopt':
      return `${finding.replacement.instanceId} was written down, and the canaries look through it`;
    case 'unjournalled':
      return `${finding.identity.instanceId} was written down and is not journalled: ${finding.because}`;
    case 'unwritten':
      return `${finding.identity.instanceId} is journalled and not written down`;
    default:
      return 'they agree';
  }
}
