/** What happens to AWS's own connections in a storm: to their tunnels one by one, and to their transit gateway's tables. */
import type { Deployment } from '../../core/words/domain';
import type { Random } from '../../local-cloud/random';
import type { SingleStep } from '../scenario-steps';

export type Bare = SingleStep extends infer S ? (S extends { at: number } ? Omit<S, 'at'> : never) : never;

/** Nothing where the site has no such connection. `trouble`: of the cloud itself, which excuses slowness. */
export function managedFault<Span>(
  random: Random,
  { gateways, connections }: Deployment,
  spell: (start: Bare, end: Bare) => Span,
  trouble: (span: Span) => void,
): void {
  const vpns = Object.values(gateways).filter(({ kind }) => kind === 'vpn');
  if (vpns.length === 0) return;
  const gateway = random.pick(vpns).name;
  const one = { gateway, tunnel: random.pick(['1', '2']) };
  const sets = Object.values(connections).flatMap(({ routeSets }) => Object.values(routeSets));
  const tables = sets.flatMap((set) => set.tables).filter((table) => table.startsWith('tgw-rtb-'));
  const table = random.pick(tables);
  const back = { do: 'vpn_peer_up', gateway } as const;
  const faults: readonly (readonly [Bare, Bare])[] = [
    [
      { do: 'tunnel_one_way', ...one, on: true },
      { do: 'tunnel_one_way', ...one, on: false },
    ],
    [
      { do: 'tunnel_down', ...one },
      { do: 'tunnel_up', ...one },
    ],
    [{ do: 'vpn_peer_down', gateway }, back],
    [{ do: 'endpoint_replaced_by_aws', ...one }, back],
    [
      { do: 'table_changing', table, on: true },
      { do: 'table_changing', table, on: false },
    ],
  ];
  const [start, end] = random.pick(faults);
  const span = spell(start, end);
  if (start.do === 'table_changing') trouble(span);
}
