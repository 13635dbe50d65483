/** Where a partner holds both tunnels in one box, each move takes the order with it that draws its answers there. */

import { memoryFrom } from '../../../../core/store/stored';
import type { Turn } from '../../../../core/turn/turn';
import type { Connection } from '../../../../core/words/domain';
import {
  aIsDown,
  connection,
  deployment,
  desired,
  down,
  drain,
  evidence,
  gatewayLease,
  incident,
  instance,
  memory,
  move,
  office,
  onB,
  report,
  rung,
  t0,
  turn,
} from '../../../given';

const drawn = (over: Partial<Connection> = {}): Connection => connection({ coupled: true, attract: 'rekey', ...over });
const look = (over: Parameters<typeof evidence>[0] = {}, more: Partial<Turn> = {}, of = drawn()) =>
  turn({ deployment: deployment(of), evidence: evidence(over), ...more });
const drawToB = { rung: 'attract', path: 'b', gateway: 'gw-b', purpose: 'order', document: 'switchback-attract' };

it('keys the tunnel of the path that users are rescued to, beside the routes', () => {
  const result = look({ reports: aIsDown });
  expect(result.decision).toMatchObject({ kind: 'divert', moves: [{ to: 'b' }], order: drawToB });
  expect(result.decision).toMatchObject({ order: { parameters: { Tunnel: ['paris-b'], Gateway: ['gw-b'] } } });
  const { rungs, orders, budgets } = memoryFrom(result.memory);
  expect(rungs).toMatchObject([{ rung: 'attract', purpose: 'order', endedAt: null }]);
  expect({ orders, repairs: budgets.repairs }).toEqual({ orders: {}, repairs: [] });
});

it('does so for planned moves, and for the way home', () => {
  const { decision } = look({}, { desired: desired({ drains: { a: drain() } }) });
  expect(decision).toMatchObject({ kind: 'divert', planned: true, order: drawToB });
  const well = memory({
    incident,
    moves: { office: move({ at: t0 - 600_000 }) },
    healthySince: { a: t0 - 900_000, b: t0 - 900_000 },
  });
  expect(look(onB, { memory: well }).decision).toMatchObject({
    kind: 'failback',
    order: { ...drawToB, path: 'a', gateway: 'gw-a' },
  });
});

it.each<[string, Parameters<typeof evidence>[0], Partial<Turn>, Connection]>([
  ['the author has not asked for it', {}, {}, connection({ coupled: true })],
  ['no command reaches that gateway', { instances: { 'gw-b': instance('gw-b', { agent: 'lost' }) } }, {}, drawn()],
  [
    'it has missed its last probe',
    { reports: { ...aIsDown, 'paris/path-b': report('paris/path-b', { probeMissed: 1 }) } },
    {},
    drawn(),
  ],
  [
    'another connection has it in hand',
    { gatewayLeases: { 'gw-b': gatewayLease('gw-b', { holder: 'oslo', clientToken: 't', until: t0 + 60_000 }) } },
    {},
    drawn(),
  ],
  ['the lock table is down', {}, { failOpen: true }, drawn()],
])('gives none where %s', (_, over, more, of) => {
  const { decision } = look({ reports: aIsDown, ...over }, more, of);
  expect(decision).toMatchObject({ kind: 'divert' });
  expect(decision).not.toHaveProperty('order');
});

it('gives none where others of the connection are not known to be there too: one box answers all of them over one tunnel', () => {
  const sets = { office: office(), lab: { ...office(['rtb-9']), name: 'lab', home: 'b' } };
  const { decision } = look({ reports: aIsDown }, {}, drawn({ routeSets: sets }));
  expect(decision).not.toHaveProperty('order');
});

describe('a start that got no answer', () => {
  const begun = memory({
    incident,
    moves: { office: move() },
    healthySince: { b: t0 - 600_000 },
    rungs: [
      rung({
        rung: 'attract',
        path: 'b',
        gateway: 'gw-b',
        purpose: 'order',
        startedAt: t0 - 2_000,
        deadlineAt: t0 + 58_000,
      }),
    ],
  });

  it('is made once more with its token while its users are there, and not afterwards', () => {
    const reports = { 'paris/path-a': down('paris/path-a') };
    expect(look({ ...onB, reports }, { memory: begun }).decision).toMatchObject({ kind: 'repair', ...drawToB });
    expect(look({ reports: {} }, { memory: begun }).decision).not.toMatchObject({ rung: 'attract' });
  });
});
