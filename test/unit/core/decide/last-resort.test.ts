/** A last resort between two connections of AWS's own, whose deaths show only where users are. */
import type { Memory } from '../../../../core/store/memory';
import { down, incident, memory, move, t0, turn } from '../../../given';
import { pairOver, routesOn, tunnel, tunnelReport, vpnTurn } from '../../../given-vpn';

const minute = 60_000;
const site = pairOver({}, { coupled: true });
const bothDown = { 'paris/path-a': down('paris/path-a'), 'paris/path-b': down('paris/path-b') };

/** `office` is on a, whose route is a black hole; AWS still says of both connections that their tunnels are UP. */
function decidedAfter(last: Parameters<typeof move>[0] | null) {
  const seen = vpnTurn(site, 'a', tunnelReport(tunnel(), tunnel()), { reports: bothDown });
  const routes = routesOn(site, 'a').map((route) => ({ ...route, state: 'blackhole' as const }));
  const moves: Memory['moves'] = last === null ? {} : { office: move(last) };
  return turn({ ...seen, memory: memory({ incident, moves }), evidence: { ...seen.evidence, routes } }).decision;
}
const left = { from: ['b'], to: 'a', lastResort: true, outcome: 'unconfirmed' } as const;

it('goes by the other one, whose own side looks well', () => {
  expect(decidedAfter(null)).toMatchObject({ kind: 'divert', rule: 'last-resort', moves: [{ from: ['a'], to: 'b' }] });
});

it('does not go back to one that was left as dead, before AWS can have said that it is', () => {
  expect(decidedAfter({ ...left, at: t0 - 3_000 }).kind).not.toBe('divert');
  expect(decidedAfter({ ...left, at: t0 - 2 * minute }).kind).not.toBe('divert');
  expect(decidedAfter({ ...left, at: t0 - 4 * minute })).toMatchObject({ rule: 'last-resort', moves: [{ to: 'b' }] });
});

it('goes back to one that was left for another reason', () => {
  expect(decidedAfter({ ...left, lastResort: false, at: t0 - 3_000 })).toMatchObject({ rule: 'last-resort' });
});
