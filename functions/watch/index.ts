/**
 * The watch function: once a minute it asks AWS how the tunnels of Site-to-Site connections are, in each region that the
 * configuration names, writes a report per gateway and publishes what it measured; and it has the speakers of gateways
 * read (speakers.ts). A question: it changes nothing.
 *
 *     telemetry                    each minute
 *     is the endpoint provisioned  each minute for a tunnel that is not well, otherwise every ten
 *     maintenance that waits       every ten minutes
 *     bytes each way               once for each whole five minutes
 *
 * Law: a measurement that failed is a measurement that failed. It is published as such, and the last report grows old:
 * nobody says "down" for it. Law: it alone may ask for what holds pre-shared keys (adapters/ec2/vpn-connections.ts).
 */

import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { type TunnelBytes, tunnelBytes } from '../../adapters/cloudwatch/tunnel-bytes';
import { reportsTable } from '../../adapters/dynamodb/reports-table';
import type { AskedAt, KeptReport } from '../../adapters/dynamodb/tunnel-item';
import { type SeenConnection, type VpnConnections, vpnConnections } from '../../adapters/ec2/vpn-connections';
import { AwsUnavailable } from '../../adapters/errors';
import type { Deployment, GatewayName, VpnConnectionView } from '../../core/words/domain';
import { gatewayOfCanary } from '../../core/words/ends';
import type { CanaryReport, TunnelReport } from '../../core/words/evidence';
import { viewsOf } from '../../core/words/gateways';
import { tunnelBytesPeriodMs } from '../../core/words/policy';
import { type Instant, minuteMs, secondMs } from '../../core/words/time';
import { type Settled, settled } from '../assess/parts';
import { logLine } from '../log';
import { onRealWorld } from '../real-world';
import type { World } from '../world';
import {
  answeredSince,
  type Before,
  isWell,
  neverAsked,
  nextReport,
  toldOf,
  type Unmeasured,
  unmeasuredReport,
  withBytes,
} from './next-report';
import { type SpeakersRead, speakersReader } from './speakers';
import { publishCheck } from './tunnel-metrics';

export interface WatchAnswer extends TunnelsWatched {
  readonly speakers: SpeakersRead;
}

interface TunnelsWatched {
  readonly reported: readonly GatewayName[];
  /** Connections about which AWS gave this run no answer. */
  readonly unmeasured: readonly GatewayName[];
}

/** Less than its ten minutes: a run that comes a second early must not wait for the next. */
const slowlyMs = 10 * minuteMs - 30 * secondMs;
/** CloudWatch shows a number up to three minutes late. */
const visibleAfterMs = 3 * minuteMs;
/** Each asks four questions per ten minutes; many more at once would be throttled. */
const connectionsAtOnce = 8;

interface Watched {
  readonly gateway: GatewayName;
  readonly view: VpnConnectionView;
  /** Reports of the path canaries over it. */
  readonly heard: readonly CanaryReport[];
  readonly previous: KeptReport | null;
}

/** When each slower question was asked last, and since when the canaries are answered. */
function askedSoFar({ previous, heard }: Watched, now: Instant): AskedAt {
  const { answeredSince: _, ...asked } = previous?.asked ?? neverAsked;
  const since = answeredSince(previous, heard, now);
  return { ...asked, ...(since !== undefined && { answeredSince: since }) };
}

interface Region {
  readonly ec2: VpnConnections;
  readonly bytes: (from: Instant) => Promise<Settled<TunnelBytes>>;
}

/** One question about all connections of a region. */
interface Look {
  readonly seen: Settled<ReadonlyMap<string, SeenConnection>>;
  readonly tookMs: number;
  readonly isReportable: boolean;
}

/** A gateway of which something is known. */
interface Measured extends Watched {
  readonly told: Pick<TunnelReport, 'state' | 'tunnels'>;
  readonly asked: AskedAt;
  readonly now: Instant;
}

export function createHandler(world: World, deployment: Deployment): () => Promise<WatchAnswer> {
  const table = reportsTable(world.aws.dynamodb, world.env['REPORTS_TABLE']!, world);
  const views = Object.entries(viewsOf(deployment));
  /** Of which this run has written something down. */
  const written = new Set<GatewayName>();
  const warn = (what: string, because: string, gateway: GatewayName): void =>
    logLine(world, { level: 'warn', what: `watch: ${what}`, because, gateway });

  const regionOf = (region: string, watched: readonly Watched[]): Region => {
    const { ec2, cloudwatch } = region === deployment.region ? world.aws : world.awsIn(region);
    let asked: Promise<Settled<TunnelBytes>> | null = null;
    const all = watched.map(({ view }) => view);
    return {
      ec2: vpnConnections(ec2, world),
      // One call for all of a region: whose period it is they agree on.
      bytes: (from) => {
        asked ??= settled(tunnelBytes(cloudwatch, world, all, from));
        return asked;
      },
    };
  };

  const askProvisioning = async ({ ec2 }: Region, measured: Measured): Promise<Measured> => {
    const { gateway, view, told, asked, now } = measured;
    const isDue = now - asked.provisioning >= slowlyMs;
    const tunnels = { ...told.tunnels };
    for (const [address, tunnel] of Object.entries(told.tunnels)) {
      if (!isDue && isWell(tunnel)) continue;
      const answer = await settled(ec2.provisioning(view.vpnConnectionId, address));
      if (!answer.ok) warn('provisioning not read', answer.fault.message, gateway);
      tunnels[address] = { ...tunnel, provisioning: answer.ok ? answer.value : 'unknown' };
    }
    return { ...measured, told: { ...told, tunnels }, asked: isDue ? { ...asked, provisioning: now } : asked };
  };

  const askMaintenance = async ({ ec2 }: Region, measured: Measured): Promise<Measured> => {
    const { gateway, view, told, asked, now } = measured;
    if (now - asked.maintenance < slowlyMs) return measured;
    const tunnels = { ...told.tunnels };
    for (const [address, tunnel] of Object.entries(told.tunnels)) {
      const answer = await settled(ec2.maintenanceBy(view.vpnConnectionId, address));
      if (answer.ok) tunnels[address] = { ...tunnel, maintenanceBy: answer.value };
      else warn('maintenance not read', answer.fault.message, gateway);
    }
    return { ...measured, told: { ...told, tunnels }, asked: { ...asked, maintenance: now } };
  };

  const askBytes = async (region: Region, measured: Measured): Promise<Measured> => {
    const { gateway, view, told, asked, now } = measured;
    const until = Math.floor((now - visibleAfterMs) / tunnelBytesPeriodMs) * tunnelBytesPeriodMs;
    if (asked.bytes >= until) return measured;
    const answer = await region.bytes(until - tunnelBytesPeriodMs);
    if (!answer.ok) {
      warn('bytes not read', answer.fault.message, gateway);
      return measured;
    }
    const bytesOf = (address: string) => answer.value(view.vpnConnectionId, address);
    const tunnels = withBytes(told.tunnels, bytesOf, asked.answeredSince);
    return { ...measured, told: { ...told, tunnels }, asked: { ...asked, bytes: until } };
  };

  /** Empty: it is written down. */
  const write = async (report: KeptReport): Promise<string> => {
    const written = await settled(table.putTunnels(report));
    return written.ok ? '' : `it could not be reported: ${written.fault.message}`;
  };

  /** Empty: it is reported. */
  const report = async (region: Region, measured: Measured): Promise<string> => {
    let known = measured;
    // Of one that is gone AWS has nothing more to tell.
    if (measured.told.state === 'available')
      for (const ask of [askProvisioning, askMaintenance, askBytes]) known = await ask(region, known);
    const next = nextReport(known, known.told, known.asked);
    const because = tellingOf(next);
    if (next.changed) logLine(world, { level: 'info', what: 'watch: changed', because, gateway: next.gateway });
    return write(next);
  };

  const watchOne = async (region: Region, watched: Watched, look: Look): Promise<boolean> => {
    const { gateway, view, previous } = watched;
    const { seen, tookMs } = look;
    const before: Before = { gateway, view, previous, now: world.now() };
    const told: Measured['told'] | Unmeasured = seen.ok
      ? toldOf(before, seen.value.get(view.vpnConnectionId))
      : { because: seen.fault.message };
    const isMeasured = !('because' in told);
    if (!isMeasured) logLine(world, { level: 'error', what: 'watch: not measured', because: told.because, gateway });
    // What was known is not known now: a report without it would forget which tunnel carried last.
    const unreported = !look.isReportable
      ? 'what was reported before cannot be read'
      : isMeasured
        ? await report(region, { ...watched, told, asked: askedSoFar(watched, before.now), now: before.now })
        : await write(unmeasuredReport(before, told.because));
    if (unreported !== '')
      logLine(world, { level: 'error', what: 'watch: not reported', because: unreported, gateway });
    publishCheck(world, deployment, gateway, {
      ok: isMeasured && unreported === '',
      tookMs,
      told: isMeasured ? told : null,
    });
    if (unreported === '') written.add(gateway);
    return isMeasured && unreported === '';
  };

  const watchRegion = async (name: string, watched: readonly Watched[], isReportable: boolean): Promise<string[]> => {
    const region = regionOf(name, watched);
    const askedAt = world.now();
    const seen = await settled(region.ec2.describe(watched.map(({ view }) => view.vpnConnectionId)));
    const tookMs = world.now() - askedAt;
    const reported: string[] = [];
    for (let i = 0; i < watched.length; i += connectionsAtOnce) {
      await Promise.all(
        watched.slice(i, i + connectionsAtOnce).map(async (one) => {
          if (await watchOne(region, one, { seen, tookMs, isReportable })) reported.push(one.gateway);
        }),
      );
    }
    return reported;
  };

  const watchTunnels = async (): Promise<TunnelsWatched> => {
    written.clear();
    const canaries = Object.fromEntries(views.map(([gateway]) => [gateway, canariesOver(deployment, gateway)]));
    const names = views.map(([gateway]) => gateway);
    const before = await settled(table.readAll([...new Set(Object.values(canaries).flat())], names));
    if (!before.ok) logLine(world, { level: 'error', what: 'watch: reports not read', because: before.fault.message });
    const watched = views.map(([gateway, view]): Watched => {
      if (!before.ok) return { gateway, view, heard: [], previous: null };
      const heard = canaries[gateway]!.flatMap((id) => before.value.reports[id] ?? []);
      return { gateway, view, heard, previous: before.value.tunnels[gateway] ?? null };
    });
    const regions = [...new Set(views.map(([, { region }]) => region))];
    // Side by side: a region that is silent keeps no other waiting.
    const reported = await Promise.all(
      regions.map((region) =>
        watchRegion(
          region,
          watched.filter(({ view }) => view.region === region),
          before.ok,
        ),
      ),
    );
    const all = reported.flat();
    // No gateway could be measured: the function fails, and the alarm on Lambda's error metric is the last resort.
    if (written.size === 0) throw new AwsUnavailable(`watch of ${names.join(', ')}: nothing could be reported`);
    return { reported: all, unmeasured: names.filter((gateway) => !all.includes(gateway)) };
  };

  const readSpeakers = speakersReader(world, deployment);
  return async () => {
    // Side by side, each with its own end: speakers are read though AWS does not answer about tunnels.
    const tunnels = settled(views.length > 0 ? watchTunnels() : Promise.resolve({ reported: [], unmeasured: [] }));
    const speakers = await readSpeakers();
    const watched = await tunnels;
    if (!watched.ok) throw watched.fault;
    return { ...watched.value, speakers };
  };
}

const tellingOf = ({ state, tunnels }: TunnelReport): string =>
  [
    `AWS says ${state}`,
    ...Object.entries(tunnels).map(([address, { status, message, provisioning }]) => {
      const words = message === '' ? '' : ` (${message})`;
      return `${address} ${status.toUpperCase()}${words}, endpoint ${provisioning}`;
    }),
  ].join('; ');

function canariesOver({ connections }: Deployment, gateway: GatewayName): string[] {
  return Object.values(connections).flatMap((connection) =>
    connection.canaries.flatMap((canary) => (gatewayOfCanary(connection, canary) === gateway ? [canary.id] : [])),
  );
}

export const handler = onRealWorld(createHandler, (options) => ({
  cloudwatch: new CloudWatchClient(options),
  dynamodb: new DynamoDBClient(options),
  ec2: new EC2Client(options),
  ssm: new SSMClient(options),
}));
