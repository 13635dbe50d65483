/**
 * What do the listed prefix lists hold? Nobody can see that in the configuration: a canary may aim past all of their
 * blocks, a list may be empty, or another account's that no longer shares it.
 */
import { blocksOf, listBlocksMax } from '../../../adapters/ec2/prefix-lists';
import { isNamed, MalformedInput } from '../../../adapters/errors';
import { holdsIpv4 } from '../../../config/addresses';
import { isPrefixList, transitLists } from '../../../core/words/destinations';
import type { Connection, RouteSet } from '../../../core/words/domain';
import type { AccountCheck } from '../check';
import { counted, type Diagnosis, fail, orWell, unknown, warn } from '../diagnosis';
import type { Patient } from '../patient';

/** Blocks by list; null: there is no such list. */
type Held = ReadonlyMap<string, readonly string[] | null>;

export const prefixLists: AccountCheck = {
  name: 'prefix-lists',
  title: 'prefix lists hold what canaries aim at',
  needs: 'configuration',
  async look(patient) {
    const connections = Object.values(patient.deployment.connections);
    const lists = new Set(connections.flatMap((one) => setsOf(one).flatMap(listsIn)));
    const inTransit = new Set(transitLists(patient.deployment));
    const held: Held = new Map(
      await Promise.all([...lists].map(async (list) => [list, await blocksIn(patient, list)] as const)),
    );
    const troubles = [
      ...[...held].flatMap(([list, blocks]) => troubleOf(list, blocks, inTransit.has(list))),
      ...connections.flatMap((connection) => astray(connection, held)),
    ];
    return orWell(troubles, lists.size === 0 ? 'none is listed' : `${counted(lists.size, 'list')}, each looked into`);
  },
};

const setsOf = ({ routeSets }: Connection): RouteSet[] => Object.values(routeSets);
const listsIn = ({ destinations }: RouteSet): string[] => destinations.filter(isPrefixList);

async function blocksIn({ world }: Patient, list: string): Promise<string[] | null> {
  try {
    return await blocksOf({ ec2: world.aws.ec2, clock: world, patience: {} }, list);
  } catch (error) {
    if (error instanceof MalformedInput && isNamed(error.cause, 'InvalidPrefixListID.NotFound')) return null;
    throw error;
  }
}

function troubleOf(list: string, blocks: readonly string[] | null, inTransit: boolean): Diagnosis[] {
  if (blocks === null)
    return [
      fail({
        about: list,
        found: 'there is no such prefix list in this region, or nobody shares it with this account',
        why: 'no route leads to what it should hold',
        mend: 'write one that is there: aws ec2 describe-managed-prefix-lists',
      }),
    ];
  if (blocks.length === 0)
    return [
      warn({
        about: list,
        found: 'it holds no block',
        why: 'a route to it leads nowhere: moving it moves nobody',
        mend: 'put the partner’s networks into it: aws ec2 modify-managed-prefix-list',
      }),
    ];
  if (!inTransit || blocks.length <= listBlocksMax) return [];
  const found = `it holds ${blocks.length} blocks: routes that take some of them out of it are looked for in ${listBlocksMax} at most`;
  return [unknown(list, found, 'split the list')];
}

/** Canaries that prove nothing: what they aim at is in no block of those that are moved. */
function astray(connection: Connection, held: Held): Diagnosis[] {
  return connection.canaries.flatMap(({ id, watches, targets }) => {
    const sets =
      watches.kind === 'service' ? [connection.routeSets[watches.routeSet]!] : Object.values(connection.routeSets);
    const lists = sets.flatMap(listsIn);
    if (lists.length === 0 || lists.some((list) => held.get(list) === null)) return []; // Nobody can say.
    const blocks = sets.flatMap(({ destinations }) => destinations.flatMap((one) => held.get(one) ?? [one]));
    return targets
      .filter(({ address }) => !blocks.some((block) => holdsIpv4(block, address)))
      .map(({ address }) =>
        fail({
          about: id,
          found: `it aims at ${address}, which is in no block of ${lists.join(', ')}, nor in another destination`,
          why: 'it would be answered without the VPN, or never: it proves nothing',
          mend: `aim at an address of theirs: aws ec2 get-managed-prefix-list-entries --prefix-list-id ${lists[0]}`,
        }),
      );
  });
}
