/**
 * Everything the tables hold, sound: on a quiet day, and when path a is dark. What the fuzz tests damage.
 *
 * Items are plain data here; `attributesOf` makes DynamoDB's attributes of whatever has become of them.
 */
import fc from 'fast-check';
import { emptyMemory, type Memory } from '../../core/store/memory';
import { gateway } from '../given';
import { me, report } from '../unit/functions/cloud-answers';
import { startAt } from '../unit/functions/virtual-world';
import { mutated } from './fuzz';

const until = startAt + 3_600_000;
const drain = { kind: 'hard', since: startAt - 1_000, until, reason: 'new kernel', requestedBy: 'ana' };
const rung = {
  rung: 'reboot',
  path: 'a',
  gateway: 'gw-a',
  clientToken: '00000000-0000-5000-8000-000000000001',
  startedAt: startAt - 900_000,
  deadlineAt: startAt - 420_000,
  endedAt: startAt - 800_000,
  result: 'failed',
  because: 'path a was down',
} as const;
export const memory: Memory = {
  ...emptyMemory,
  incident: { id: 'paris-1', openedAt: startAt - 900_000, because: 'path a is down' },
  rungs: [rung],
  moves: {
    office: {
      kind: 'failback',
      from: ['b'],
      to: 'a',
      at: startAt - 600_000,
      because: 'home soaked',
      planned: true,
      lastResort: false,
      leftWorkingPath: true,
      state: 'whole',
      trial: false,
      outcome: 'confirmed',
    },
  },
  healthySince: { a: startAt - 60_000, b: startAt - 900_000 },
  told: { 'stuck/a/peer': startAt - 850_000 },
  budgets: { ...emptyMemory.budgets, moves: [startAt - 890_000], repairs: [startAt - 900_000] },
};
/** Much is open: a move not yet confirmed, a repair under way on the idle path. */
export const busy: Memory = {
  ...memory,
  rungs: [
    rung,
    {
      ...rung,
      path: 'b',
      gateway: 'gw-b',
      clientToken: '00000000-0000-5000-8000-000000000002',
      endedAt: null,
      result: 'running',
      deadlineAt: startAt + 60_000,
    },
  ],
  moves: { office: { ...memory.moves['office']!, at: startAt - 5_000, outcome: 'unconfirmed' } },
  told: { 'manual/office': startAt - 850_000, 'would/divert office': startAt - 800_000 },
  contradicted: { office: { b: startAt - 600_000 } },
};
const identity = { instanceId: gateway('gw-b').instanceId, routeInterfaceId: 'eni-gw-b' };

/** Everything stored, sound, on a quiet day: routes on a, both paths healthy, b drained. */
export const sound = {
  lease: {
    ...me,
    leaseUntil: startAt + 60_000,
    signals: 4,
    waiter: 'a token',
    memory: JSON.stringify(memory),
    drains: { b: JSON.stringify(drain) },
    acknowledgedAt: startAt - 700_000,
    automation: { clientToken: rung.clientToken, id: 'auto-1' },
    writeUntil: startAt - 500_000,
  },
  gateways: {
    'gw-a': {},
    'gw-b': { holder: 'paris', until: startAt - 1, rung: 'replace', identity: JSON.stringify(identity) },
  },
  reports: ['paris/path-a', 'paris/path-b', 'paris/office'].map((id) => report(id, 'healthy')),
};
export type Stored = typeof sound;

export const dark: Stored = {
  ...sound,
  lease: { ...sound.lease, drains: {} as Stored['lease']['drains'] },
  reports: [report('paris/path-a', 'down'), report('paris/path-b', 'healthy'), report('paris/office', 'down')],
};

/** Something wrong anywhere, or inside one of the texts. */
export function damaged(whole: Stored): fc.Arbitrary<string> {
  const { lease } = whole;
  const inLease = (change: object): string => JSON.stringify({ ...whole, lease: { ...lease, ...change } });
  const cut = (text: string): fc.Arbitrary<string> =>
    fc.nat({ max: text.length - 1 }).map((length) => text.slice(0, length));
  return fc.oneof(
    mutated(whole),
    mutated(lease).map((text) => JSON.stringify({ ...whole, lease: JSON.parse(text) as unknown })),
    fc.oneof(mutated(memory), mutated(busy), cut(lease.memory)).map((text) => inLease({ memory: text })),
    fc.oneof(mutated(drain), cut(JSON.stringify(drain))).map((text) => inLease({ drains: { b: text } })),
    mutated(drain).map((text) => inLease({ paused: text })),
    mutated(identity).map((text) => JSON.stringify({ ...whole, gateways: { 'gw-b': { identity: text } } })),
  );
}
