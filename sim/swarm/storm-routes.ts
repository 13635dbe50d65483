/** Somebody points one of our routes elsewhere, and later puts it back. */
import type { Connection } from '../../core/words/domain';
import { gatewayAt } from '../../core/words/ends';
import type { Random } from '../../local-cloud/random';
import type { Bare } from './storm-managed';

export function foreignRoute(random: Random, connections: readonly Connection[]): [Bare, Bare] {
  const connection = random.pick(connections);
  const set = random.pick(Object.values(connection.routeSets));
  const table = random.pick(set.tables);
  const destination = random.pick(set.destinations);
  const target = random.pick(['vgw-0123456789abcdef0', 'igw-0123456789abcdef0', 'none']);
  const home = gatewayAt(connection, set.home, set.end)!;
  const there = { do: 'route_by_hand', table, destination } as const;
  return [
    { ...there, target },
    { ...there, target: home },
  ];
}
