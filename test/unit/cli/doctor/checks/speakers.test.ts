/** What the doctor says of speakers, by what was read of them last. */
import type { AccountCheck } from '../../../../../cli/doctor/check';
import { speakersCheck } from '../../../../../cli/doctor/checks/speakers';
import { readingKeptMs } from '../../../../../core/gateways/speaker';
import type { Deployment } from '../../../../../core/words/domain';
import type { NeighborFacts, SpeakerReport } from '../../../../../core/words/evidence';
import { deployment, t0 } from '../../../../given';
import { across, bgpConnection, bgpDeployment, inside, ledConnection, speakerReport } from '../../../../given-bgp';

const well: NeighborFacts = { session: 'up', advertises: 'normal', receivedPerSecond: 12 };
const drained: NeighborFacts = { ...well, advertises: 'drained' };

const said = (path: 'a' | 'b', facts: NeighborFacts, over: Partial<SpeakerReport> = {}): SpeakerReport => ({
  schema: 1,
  gateway: `gw-${path}`,
  reportedAt: t0 - 20_000,
  neighbors: { [across[path]]: facts },
  changed: false,
  ...over,
});

function look(a: SpeakerReport | null, b: SpeakerReport | null = said('b', drained), of: Deployment = bgpDeployment()) {
  const standing = { speakers: async () => ({ 'gw-a': a, 'gw-b': b }) };
  const { look: asked } = speakersCheck as Extract<AccountCheck, { needs: 'standing' }>;
  return asked({ deployment: of, world: { now: () => t0 } } as never, standing as never);
}

it('is content with one path advertised and one drained', async () => {
  expect(await look(said('a', well))).toMatchObject([{ level: 'ok', found: '2 speakers say what is counted on' }]);
  expect(await look(null, null, deployment())).toMatchObject([{ level: 'ok', found: 'no gateway speaks BGP' }]);
});

it('says how long answers go to a dead machine where the partner has no BFD', async () => {
  const slow = bgpDeployment(bgpConnection({ routing: { back: 'bgp', convergeWithinMs: 35_000 } }));
  const [first] = await look(said('a', well), said('b', drained), slow);
  expect(first).toMatchObject({
    level: 'ok',
    found: expect.stringMatching(/answers of paris leave a dead machine within 35 s/),
  });
});

it.each<[string, SpeakerReport | null, string, RegExp, RegExp]>([
  ['never read', null, 'FAIL', /has never been read/, /AS 64601 with 169\.254\.3\.1/],
  [
    'read long ago',
    said('a', well, { reportedAt: t0 - readingKeptMs - 1 }),
    'FAIL',
    /was last read 3 min ago/,
    /check agent/,
  ],
  [
    'read no more',
    said('a', well, { unmeasured: { since: t0 - 9_000, because: 'FRR does not run BGP as AS 64601' } }),
    'FAIL',
    /: FRR does not run BGP as AS 64601/,
    /show bgp summary/,
  ],
  ['unknown to FRR', said('a', well, { neighbors: {} }), 'FAIL', /names no such neighbour/, /neighbors\.across/],
  [
    'down',
    said('a', { ...well, session: 'down', advertises: 'silent' }),
    'WARN',
    /session is down/,
    /show bgp neighbors 169/,
  ],
  ['silent', said('a', { ...well, advertises: 'silent' }), 'FAIL', /no network is advertised/, /advertised-routes/],
  ['drained in part', said('a', { ...well, advertises: 'partly' }), 'WARN', /some are not/, /network statements/],
  ['without a device', said('a', { ...well, receivedPerSecond: null }), 'WARN', /cannot be counted/, /route-based/],
])('tells of a session that is %s, and what mends it', async (_, report, level, found, mend) => {
  const all = await look(report);
  expect(all).toHaveLength(1);
  expect(all[0]).toMatchObject({ level, found: expect.stringMatching(found), mend: expect.stringMatching(mend) });
});

it('tells of a connection whose paths are all drained', async () => {
  expect(await look(said('a', drained))).toMatchObject([
    { level: 'FAIL', about: 'paris', found: 'each of its paths is advertised drained' },
  ]);
});

describe('an endpoint of a Route Server', () => {
  const [endpoint] = inside;
  const led = bgpDeployment(ledConnection());
  const told = (facts: Partial<NeighborFacts>) => ({
    [across.a]: well,
    [inside[0]]: { ...well, receivedPerSecond: null, ...facts },
    [inside[1]]: { ...well, receivedPerSecond: null },
  });
  const both = speakerReport('b', { advertises: 'drained' });

  it('is asked for no packets, and stands beside its like', async () => {
    expect(await look(said('a', well, { neighbors: told({}) }), both, led)).toMatchObject([{ level: 'ok' }]);
  });

  it.each<[string, SpeakerReport['neighbors'], string, RegExp]>([
    ['gone', told({ session: 'down', advertises: 'silent' }), 'WARN', /describe-route-server-peers/],
    ['told in part', told({ advertises: 'partly' }), 'WARN', /network statements/],
    ['unknown to FRR', { [across.a]: well }, 'FAIL', /neighbors\.inside/],
  ])('is %s', async (_, neighbors, level, mend) => {
    const found = await look(said('a', well, { neighbors }), both, led);
    expect(found).toContainEqual(
      expect.objectContaining({ level, about: `gw-a to ${endpoint}`, mend: expect.stringMatching(mend) as string }),
    );
  });
});
