/**
 * Packets of full size, on virtual time: who is asked, how often, what silence means, and how a minute's canary takes
 * over from the last one's in the middle of a black hole.
 */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { reportFromItem } from '../../../../adapters/dynamodb/report-item';
import type { Deployment, ProbeTarget } from '../../../../core/words/domain';
import type { CanaryReport } from '../../../../core/words/evidence';
import { type Policy, type Preset, presets } from '../../../../core/words/policy';
import { createHandler } from '../../../../functions/canary';
import { probeFullSize } from '../../../../functions/canary/full-size-probe';
import { deployment } from '../../../given';
import { awsMocks } from '../../adapters/aws-mocks';
import { answers, type Connect, silence, startAt, VirtualWorld } from '../virtual-world';

const tcp: ProbeTarget = { address: '172.16.1.10', port: 443, protocol: 'tcp', refusedIsUp: true };
const udp: ProbeTarget = { address: '172.16.1.11', port: 7, protocol: 'udp', refusedIsUp: true };

const presetNames = Object.keys(presets) as Preset[];

/** Every payload comes back whole. */
const echoes: Connect = (target, timeoutMs) => ({
  ...answers()(target, timeoutMs),
  bytesBack: target.payloadBytes ?? 0,
});
const swallowsLarge: Connect = (target, timeoutMs) =>
  target.payloadBytes === undefined ? answers()(target, timeoutMs) : silence(target, timeoutMs);

function withTargets(targets: readonly ProbeTarget[], policy: Policy): Deployment {
  const sample = deployment();
  const paris = sample.connections['paris']!;
  const canaries = paris.canaries.map((canary) => ({ ...canary, targets }));
  return { ...sample, connections: { ...sample.connections, paris: { ...paris, canaries, policy } } };
}

function make(targets: readonly ProbeTarget[], reply: Connect, policy: Policy = presets.balanced) {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  world.env['CANARIES'] = 'paris/office';
  world.reply = reply;
  const reports: (CanaryReport & { readonly writtenMs: number })[] = [];
  mocks.dynamodb.on(PutItemCommand).callsFake(({ Item }) => {
    reports.push({ ...reportFromItem(Item), writtenMs: world.now() - startAt });
    return {};
  });
  const handler = createHandler(world, withTargets(targets, policy));
  const run = async () => (await world.finish(handler({}, world.context(90_000))))[0]!;
  const large = () => world.connects.filter(({ payloadBytes }) => payloadBytes !== undefined);
  return { world, run, reports, large };
}

it('moves 1,400 bytes each way every ten seconds, to a target that echoes', async () => {
  const { run, reports, large } = make([tcp, udp], echoes);
  expect(await run()).toMatchObject({ verdict: 'healthy' });
  expect(large().map(({ at, address, payloadBytes }) => ({ at, address, payloadBytes }))).toEqual(
    [0, 10, 20, 30, 40, 50, 60, 70].map((s) => ({ at: s * 1_000, address: udp.address, payloadBytes: 1_400 })),
  );
  expect(new Set(reports.map(({ fullSize }) => fullSize))).toEqual(new Set(['both_ways']));
});

it('claims nothing where all targets are plain TCP ports', async () => {
  const { run, reports, large } = make([tcp], echoes);
  await run();
  expect(large()).toEqual([]);
  expect(reports.at(-1)).toMatchObject({ verdict: 'healthy', fullSize: 'unmeasured' });
});

it('is sure of a black hole within 17 s, and says so at once; and of its end', async () => {
  const { run, world, reports } = make([tcp, udp], echoes);
  world.at(20_500, () => {
    world.reply = swallowsLarge;
  });
  world.at(48_000, () => {
    world.reply = echoes;
  });
  await run();
  const changes = reports.filter(({ changed }) => changed);
  expect(changes.map(({ verdict, fullSize }) => [verdict, fullSize])).toEqual([
    ['degraded', 'lost'],
    ['healthy', 'both_ways'],
  ]);
  expect(changes[0]!.writtenMs - 20_500).toBeLessThanOrEqual(17_000);
  expect(changes[1]!.writtenMs - 48_000).toBeLessThanOrEqual(10_500);
});

it('beats on, round by round, while large packets are being waited for', async () => {
  const { run, world } = make([tcp, udp], swallowsLarge);
  await run();
  const rounds = world.connects.filter(({ protocol }) => protocol === 'tcp').map(({ at }) => at);
  expect(rounds).toEqual(Array.from({ length: 150 }, (_, i) => i * 500));
});

// `fast` has warmed up after 3.2 s, long before six large packets have been given up.
it.each(presetNames)(
  'does not call a lasting black hole over when the next minute’s run begins (%s)',
  async (preset) => {
    const { run, reports } = make([tcp, udp], swallowsLarge, presets[preset]);
    await run();
    const before = reports.length;
    await run();
    expect(reports.slice(before).map(({ verdict, changed }) => [verdict, changed])).toContainEqual(['degraded', false]);
    expect(reports.filter(({ verdict }) => verdict !== 'degraded')).toEqual([]);
    expect(reports.filter(({ changed }) => changed)).toHaveLength(1);
  },
);

describe('one probe', () => {
  const probe = async (reply: Connect) => {
    const { world } = make([udp], reply);
    const seen = await world.finish(probeFullSize(world, udp, presets.balanced));
    return { seen, tries: world.connects.map(({ payloadBytes }) => payloadBytes ?? 0) };
  };

  it('takes one of six for an answer: the first may only teach the kernel the size', async () => {
    let tries = 0;
    const { seen } = await probe((target, ms) => (++tries < 6 ? silence(target, ms) : echoes(target, ms)));
    expect(seen).toBe('both_ways');
  });

  it('blames the size only of a target that answers small packets', async () => {
    expect(await probe(swallowsLarge)).toEqual({ seen: 'lost', tries: [1_400, 1_400, 1_400, 1_400, 1_400, 1_400, 0] });
    expect((await probe(silence)).seen).toBeNull();
  });

  it('says when only the way out is proven: the answer was short', async () => {
    expect((await probe(() => ({ answered: true, refused: false, rttMs: 20, bytesBack: 300 }))).seen).toBe('out_only');
  });

  it('learns nothing from a refusal, which is small', async () => {
    expect(await probe(() => ({ answered: false, refused: true, rttMs: 20 }))).toEqual({
      seen: 'unmeasured',
      tries: [1_400],
    });
  });
});
