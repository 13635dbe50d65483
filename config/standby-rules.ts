/**
 * `standbyRegion`: the file read once more, as it would be written by somebody who stands at the other end. What that
 * second deployment could not do safely is refused here by name.
 *
 *     name: mesh, region: eu-central-1, ends: {frankfurt: {}, ohio: {region: us-east-2, account: …}}
 *     name: mesh-standby, region: us-east-2, ends: {frankfurt: {region: eu-central-1, account: …}, ohio: {}}
 */
import type { StandsInFor } from '../core/words/end';
import { endRoleName } from '../core/words/end-names';
import { isRecord } from '../core/words/shape';
import { standbyName } from '../core/words/standby';
import { endsOf, isHere } from './ends-sides';
import type { Finding } from './problems';
import { instanceIn, type WrittenConfig } from './schema';

const nameLengthMax = 31;

/** Empty: none is asked for, or it can stand there. */
export function standbyFindings(config: WrittenConfig): Finding[] {
  const { standbyRegion } = config;
  if (standbyRegion === undefined) return [];
  const message = whyNot(config, standbyRegion);
  return message === null ? [] : [{ at: ['standbyRegion'], kind: 'standby-wrong', message }];
}

function whyNot(config: WrittenConfig, region: string): string | null {
  const { ends = {}, connections, name, notify, permissionsBoundary } = config;
  if (region === config.region) return "is the deployment's own: write the region of the other end, or remove it";
  const [home, ...moreHere] = Object.keys(ends).filter((end) => isHere(config, end));
  const there = Object.keys(ends).filter((end) => !isHere(config, end));
  if (!there.some((end) => ends[end]?.region === region))
    return `is the region of no end: whoever decides must stand at one of the ends it decides for; ${there.length === 0 ? 'there is no other end, so remove it' : `write ${ends[there[0]!]?.region ?? config.region}`}`;
  if (there.length > 1 || moreHere.length > 0)
    return 'cannot be where there are more than two ends: a standby stands at one of them, and could neither fence the first at the others nor decide for them; deploy each pair of ends from a file of its own';
  if (home === undefined) return 'needs both ends by name: add the one where the deployment stands to ends';
  const end = ends[there[0]!]!;
  if (end.account === undefined)
    return `cannot be: ${there[0]} is in the deployment's own account, where there is no role to fence it at, so that it may wake and write; remove it (OPERATIONS says what is left to do by hand)`;
  const alone = Object.keys(connections).find((one) => endsOf(config, connections[one]!).length === 0);
  if (alone !== undefined)
    return `cannot be: ${alone} has no end there, so that nobody could decide for it; deploy it from a file of its own`;
  if (standbyName(name).length > nameLengthMax)
    return `makes the name ${standbyName(name)}, longer than ${nameLengthMax} characters: shorten name`;
  if (notify !== undefined && notify !== 'none' && notify.emails === undefined)
    return 'would tell nobody: the topic in notify fails with its region; add emails to notify';
  if (permissionsBoundary?.startsWith('arn:') === true && !permissionsBoundary.includes(':aws:policy/'))
    return "is in another account than permissionsBoundary: write that policy's name alone, and have one of that name in both";
  return null;
}

/** For whom the standby of this configuration stands in. */
export function standsInFor(config: WrittenConfig): StandsInFor {
  const { name, region, account = '' } = config;
  const [there = ''] = Object.keys(config.ends ?? {}).filter((end) => !isHere(config, end));
  const role = config.ends?.[there]?.role ?? endRoleName(config, { name: there });
  return { name, region, account, role };
}

/** Not the standby's: what only stands where the first does, and what the first alone does in quiet times. */
const ofTheFirst = new Set(['standbyRegion', 'state', 'archive', 'networkManagerRegion']);

/** The tree as the standby's own file would have it; `config`: without a finding. */
export function standbyTree(tree: Readonly<Record<string, unknown>>, config: WrittenConfig): Record<string, unknown> {
  const { ends = {}, name, region, account, notify } = config;
  const [there = ''] = Object.keys(ends).filter((end) => !isHere(config, end));
  const [home = ''] = Object.keys(ends).filter((end) => isHere(config, end));
  const other = ends[there]!;
  const kept = Object.entries(tree).filter(([field]) => !ofTheFirst.has(field));
  return {
    ...Object.fromEntries(kept),
    name: standbyName(name),
    region: other.region,
    account: other.account,
    ends: { [home]: { region, account, externalId: other.externalId }, [there]: {} },
    ...(notify !== undefined && { notify: notify === 'none' ? notify : { emails: notify.emails } }),
    // A machine that is not where the deployment is, is not replaced by it, nor is what would follow a replacement.
    gateways: withoutIn(
      tree['gateways'],
      ['launchTemplate', 'tunnelMetrics', 'record', 'secondaryAddress'],
      (gateway) => instanceIn(config, gateway)?.end === home,
    ),
    connections: withoutIn(tree['connections'], ['drills'], () => true),
  };
}

function withoutIn(group: unknown, fields: readonly string[], isMeant: (name: string) => boolean): unknown {
  if (!isRecord(group)) return group;
  const entries = Object.entries(group).map(([name, one]) => [
    name,
    isRecord(one) && isMeant(name) ? Object.fromEntries(Object.entries(one).filter(([f]) => !fields.includes(f))) : one,
  ]);
  return Object.fromEntries(entries);
}
