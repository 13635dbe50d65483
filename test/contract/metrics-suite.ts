/** CloudWatch: what a canary emits is what `adapters/cloudwatch/metrics.ts` reads back, under one spelling of names and dimensions. */
import { metrics as metricsAdapter } from '../../adapters/cloudwatch/metrics';
import { readTunnelAlarms } from '../../adapters/cloudwatch/tunnel-alarms';
import type { Canary } from '../../core/words/domain';
import type { CanaryReport } from '../../core/words/evidence';
import { metricLine, startTally, tallyRounds } from '../../functions/canary/canary-metrics';
import type { Cloud, Site } from './site';

const namespace = 'Switchback';

const lineOf = (canary: Canary, at: number, over: Pick<CanaryReport, 'verdict' | 'lossRatio' | 'rttMs'>): string => {
  const report: CanaryReport = {
    schema: 1,
    canary: canary.id,
    connection: canary.connection,
    reportedAt: at,
    since: at,
    answeredAt: at,
    missedSince: 0,
    missedInARow: 0,
    answeredInARow: 0,
    gatewayProbe: 'up',
    fullSize: 'both_ways',
    runId: 'run',
    round: 1,
    changed: true,
    ...over,
  };
  return metricLine(canary, namespace, tallyRounds(startTally(at), { verdict: over.verdict, blindInARow: 0 }), report);
};

async function stage(cloud: Cloud) {
  const site = await cloud.site();
  const { canaries, policy } = site.deployment.connections['paris']!;
  const read = async () => {
    const watched = canaries.map((canary) => ({ canary, policy }));
    return metricsAdapter(site.aws.cloudwatch, namespace, site.clock).read(watched);
  };
  return { ...site, canaries, read };
}

const secondOf = (site: Site): number => site.clock.now() - (site.clock.now() % 1_000);

export function metricsContract(cloud: Cloud): void {
  it('reads each canary’s newest second: verdict, loss and round trip', async () => {
    const at = await stage(cloud);
    const [a, b] = at.canaries;
    const second = secondOf(at);
    await at.publish(lineOf(a!, second, { verdict: 'healthy', lossRatio: 0, rttMs: 20 }));
    await at.publish(lineOf(b!, second + 9_000, { verdict: 'down', lossRatio: 1, rttMs: null }));
    await at.publish(lineOf(a!, second + 10_000, { verdict: 'degraded', lossRatio: 0.4, rttMs: 31.5 }));
    const reports = await at.read();
    expect(reports[a!.id]).toMatchObject({
      verdict: 'degraded',
      lossRatio: 0.4,
      rttMs: 31.5,
      reportedAt: second + 10_000,
      connection: 'paris',
    });
    expect(reports[b!.id]).toMatchObject({ verdict: 'down', lossRatio: 1, rttMs: null, reportedAt: second + 9_000 });
  });

  it('takes the minimum of what was reachable within one second', async () => {
    const at = await stage(cloud);
    const [a] = at.canaries;
    const second = secondOf(at);
    await at.publish(lineOf(a!, second + 100, { verdict: 'healthy', lossRatio: 0, rttMs: 20 }));
    await at.publish(lineOf(a!, second + 600, { verdict: 'down', lossRatio: 1, rttMs: null }));
    expect((await at.read())[a!.id]).toMatchObject({ verdict: 'down', lossRatio: 0.5 });
  });

  it('knows nothing of a canary that emitted nothing, or too long ago', async () => {
    const at = await stage(cloud);
    const [a, b, service] = at.canaries;
    await at.publish(lineOf(a!, secondOf(at), { verdict: 'healthy', lossRatio: 0, rttMs: 20 }));
    await at.clock.sleep(60_000);
    expect(await at.read()).toEqual({ [a!.id]: null, [b!.id]: null, [service!.id]: null });
  });
}

export function alarmsContract(cloud: Cloud): void {
  it('tells which alarm on a gateway’s own numbers is in ALARM and since when, and nothing of one that is not listed', async () => {
    const site = await cloud.site();
    const read = () => readTunnelAlarms(site.aws.cloudwatch, site.deployment, ['gw-a', 'gw-b'], site.clock);
    const neither = { noneUpSince: null, unmeasuredSince: null };
    expect((await read())['gw-b']).toEqual(neither);
    await site.tunnelAlarm();
    expect(await read()).toMatchObject({ 'gw-a': { noneUpSince: expect.any(Number) }, 'gw-b': neither });
  });
}
