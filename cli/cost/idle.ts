/**
 * What a deployment costs while nothing happens: what stands in its template, and a quiet while of it in the local
 * cloud, counted and scaled to a month of 730 hours.
 *
 * The first minutes are left out: sandboxes start cold, the sweep seeds its items, canaries do not know yet.
 */
import { tunnelNames } from '../../adapters/cloudwatch/metric-names';
import type { Canary, Deployment } from '../../core/words/domain';
import { endsElsewhere } from '../../core/words/end-names';
import { endOf, isElsewhere } from '../../core/words/ends';
import { instancesOf } from '../../core/words/gateways';
import { hourMs, minuteMs } from '../../core/words/time';
import { VirtualClock } from '../../local-cloud/clock';
import { simulationStart } from '../../local-cloud/latency';
import { embeddedMetrics } from '../../local-cloud/services/alarms/emf';
import { metricKey } from '../../local-cloud/services/alarms/metrics';
import type { FunctionUsage } from '../../local-cloud/services/lambda/lambda';
import { SimulatedCloud } from '../../sim/simulated-cloud';
import { synthesisFor } from '../../sim/synthesis-cache';
import { type RawTemplate, standingLines } from './billable';
import { beyond, type Line, merged, scaled, shared } from './lines';
import { canariesOf, partsOf, usageOf } from './usage';

const hoursPerMonth = 730;
const settleMs = 5 * minuteMs;
const seed = 7;
const numbersPublished = Object.keys(tunnelNames).length;

/**
 * A probe on the wire, out and back: a TCP connect and its end, seven packets of some seventy bytes in ESP. The half
 * that leaves is billed as data out; both halves cross a zone, because a canary stands in another one than its gateway.
 */
const probeBytesOut = 280;
const probeBytes = 490;

export interface Quiet {
  /** Used in one hour. */
  readonly hourly: readonly Line[];
  readonly metrics: readonly Line[];
}

export async function idleLines(deployment: Deployment, measuredMs = hourMs): Promise<Line[]> {
  const template = synthesisFor(deployment).template as RawTemplate;
  const standing = standingLines(template, hoursPerMonth); // First: an unpriced resource costs no hour of playing.
  const { hourly, metrics } = await quietHour(deployment, measuredMs);
  const monthly = merged([...scaled(hourly, hoursPerMonth), ...standing, ...metrics, ...publishedLines(deployment)]);
  return merged([...monthly, ...elsewhereLines(monthly, deployment)]);
}

/**
 * Canaries at an end elsewhere are not played here: each is reckoned at what one of its connection's costs where the deployment
 * is, by the functions that carry them. What `sense` costs there is a cent or two.
 */
export function elsewhereLines(lines: readonly Line[], deployment: Deployment): Line[] {
  return endsElsewhere(deployment).flatMap((end) =>
    Object.values(deployment.connections).flatMap((connection) => {
      const there = connection.canaries.filter((canary) => canary.end === end.name);
      const here = connection.canaries.filter((canary) => !isElsewhere(deployment, endOf(deployment, canary)));
      if (there.length === 0 || here.length === 0) return [];
      const own = lines.filter(({ scope, item }) => scope === connection.name && !item.startsWith('alarms'));
      const share = placesOf(there) / placesOf(here);
      return scaled(own, share).map((line) => ({ ...line, item: `at ${end.name}: ${line.item}`, estimated: true }));
    }),
  );
}

const placesOf = (canaries: readonly Canary[]): number =>
  new Set(canaries.map(({ subnetId, securityGroupId }) => `${subnetId} ${securityGroupId}`)).size;

/** What gateways publish themselves: a call a minute, with every number in it. */
function publishedLines(deployment: Deployment): Line[] {
  const publishing = Object.values(instancesOf(deployment)).filter(
    ({ tunnelMetrics }) => tunnelMetrics === true,
  ).length;
  const calls = (publishing * hoursPerMonth * hourMs) / minuteMs;
  return [
    {
      scope: shared,
      item: 'custom metrics of gateways',
      price: 'customMetric',
      quantity: publishing * numbersPublished,
    },
    { scope: shared, item: 'gateways: numbers published', price: 'metricWritten', quantity: calls },
  ];
}

/** Plays `measuredMs` of quiet and answers with what one hour of it uses. */
export async function quietHour(deployment: Deployment, measuredMs = hourMs): Promise<Quiet> {
  const clock = new VirtualClock(simulationStart);
  const metrics = new Map<string, Line>();
  const cloud: SimulatedCloud = new SimulatedCloud({
    source: synthesisFor(deployment),
    deployment,
    clock,
    seed,
    tables: 'memory',
    observers: {
      onLog: (name, text) => {
        const resource = cloud.lambda.usage.get(name)?.resource;
        if (resource === undefined || !text.includes('"_aws"')) return;
        for (const { id } of embeddedMetrics(text)) {
          const isCanary = canariesOf(resource).length > 0;
          const scope = isCanary ? (id.dimensions['Connection'] ?? shared) : shared;
          const item = `custom metrics of ${isCanary ? 'canaries' : 'gateways'}`;
          const line: Line = { scope, item, price: 'customMetric', quantity: 1 };
          metrics.set(metricKey(id), line);
        }
      },
    },
  });
  await cloud.open();
  cloud.start();
  await clock.runUntil(simulationStart + settleMs);
  const before = usageOf(cloud);
  const probesBefore = probeLines(cloud, deployment);
  await clock.runUntil(simulationStart + settleMs + measuredMs);
  const used = [...beyond(usageOf(cloud), before), ...beyond(probeLines(cloud, deployment), probesBefore)];
  return { hourly: scaled(used, hourMs / measuredMs), metrics: merged([...metrics.values()]) };
}

/** Estimated: the rounds a function's run time has room for, of each canary in it, at the bytes of one probe. */
function probeLines(cloud: SimulatedCloud, { connections }: Deployment): Line[] {
  const probes = ({ resource, runMs }: FunctionUsage, scope: string, part: number): Line[] => {
    const connection = connections[scope];
    if (connection === undefined) return [];
    const rounds = (part * canariesOf(resource).length * runMs) / connection.policy.roundIntervalMs;
    return [
      { scope, item: 'probes, to the peer', price: 'dataOut', quantity: (rounds * probeBytesOut) / 1e9 },
      { scope, item: 'probes, between zones', price: 'dataBetweenZones', quantity: (2 * rounds * probeBytes) / 1e9 },
    ];
  };
  const lines = [...cloud.lambda.usage.values()].flatMap((usage) =>
    partsOf(usage.resource).flatMap(([scope, part]) => probes(usage, scope, part)),
  );
  return merged(lines.map((line) => ({ ...line, estimated: true })));
}
