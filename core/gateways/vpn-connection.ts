/**
 * The gateway that is a Site-to-Site VPN connection of AWS's own. AWS picks the tunnel it sends through and moves by
 * itself when that one goes down; both may be UP while nothing comes back. So telemetry, which lags by minutes, counts
 * only where no canary is heard, and tells otherwise what it is that fails:
 *
 *     canary answered                       it works, whatever telemetry says
 *     canary silent, both tunnels DOWN      down: AWS says so
 *     canary missed, a tunnel UP            our side is fine: the partner's return route or firewall
 *     canary missed, both tunnels DOWN      nobody can tell from here: AWS's endpoint, or the partner
 */
import type { PathName, RouteTarget, VpnConnectionGateway } from '../words/domain';
import type { Places, TunnelReport } from '../words/evidence';
import type { Rung } from '../words/rungs';
import { sameTarget } from '../words/targets';
import { minuteMs } from '../words/time';
import type { Condition, Facts, GatewayKind, OwnLook } from './kind';
import { tunnelConcerns } from './tunnel-concerns';
import { allDownText, areAllDown, gatewayOf, oneWayTunnel, periodText, reportOf, tunnelsOf } from './tunnel-report';
import { notReplacedBecause, vpnRungs } from './vpn-rungs';

/** Why AWS itself counts the path as dead, which no canary can contradict. */
function deadBecause(look: Facts & Places, path: PathName, report: TunnelReport | null): string {
  const { connection, evidence, targets, now } = look;
  const gateway = gatewayOf(look, path);
  if (report !== null && (report.state === 'deleting' || report.state === 'deleted'))
    return `AWS says VPN connection ${gateway.vpnConnectionId} (${gateway.name}) is ${report.state}`;
  const hole = evidence.routes.find(
    ({ state, target }) => state === 'blackhole' && targets[path]!.some((place) => sameTarget(place, target)),
  );
  if (hole !== undefined) return `the route to ${hole.destination} in ${hole.table} is a black hole`;
  const withdrawn = evidence.routes.find(({ routeSet, target }) => {
    const set = connection.routeSets[routeSet];
    return target === null && set?.propagated === true && set.home === path;
  });
  return withdrawn !== undefined && report !== null && areAllDown(report)
    ? `AWS has withdrawn the route to ${withdrawn.destination} in ${withdrawn.table}: ${allDownText(gateway, report, now)}`
    : '';
}

type OwnSide = Pick<Condition, 'ownSide' | 'ownFault' | 'ownSideBecause'>;

function ownSideOf(look: Facts, path: PathName, report: TunnelReport | null): OwnSide {
  const gateway = gatewayOf(look, path);
  const unknown = (ownSideBecause: string): OwnSide => ({ ownSide: 'unknown', ownFault: 'none', ownSideBecause });
  if (report === null) return unknown(`nobody has read the tunnels of ${gateway.name} lately`);
  if (report.state !== 'available') {
    const isGone = report.state !== 'pending';
    const because = `AWS says ${gateway.vpnConnectionId} is ${report.state}`;
    return isGone ? { ownSide: 'failed', ownFault: 'machine', ownSideBecause: because } : unknown(because);
  }
  const tunnels = tunnelsOf(report);
  const up = tunnels.filter(([, { status }]) => status === 'up');
  if (up.length === 0) {
    const broken = tunnels.find(([, { provisioning }]) => provisioning === 'failed');
    if (broken !== undefined)
      return {
        ownSide: 'failed',
        ownFault: 'machine',
        ownSideBecause: `AWS could not provision tunnel ${broken[0]} of ${gateway.name}`,
      };
    return unknown(`${allDownText(gateway, report, look.now)}: its endpoint or the partner, nobody can tell from here`);
  }
  const silent = oneWayTunnel(look, path);
  const who = up.length === tunnels.length ? `both tunnels of ${gateway.name} are UP` : `tunnel ${up[0]![0]} is UP`;
  const because =
    silent === null
      ? who
      : `${who}, ${bytesText(silent.out)} went out by ${silent.tunnel} in ${periodText} and nothing came back: the partner's return route or firewall; call them`;
  return { ownSide: 'fine', ownFault: 'none', ownSideBecause: because };
}

const bytesText = (bytes: number): string => (bytes < 10_000 ? `${bytes} B` : `${Math.round(bytes / 1_000)} kB`);

function condition(look: Facts & Places, path: PathName): Condition {
  const gateway = gatewayOf(look, path);
  const report = reportOf(look, gateway);
  return {
    dead: deadBecause(look, path, report),
    downUnheard: report !== null && areAllDown(report) ? allDownText(gateway, report, look.now) : '',
    ...ownSideOf(look, path, report),
    instanceState: 'unknown',
    agentLost: false,
    identityFault: '',
  };
}

/** AWS looks after its own ends; that one of them is UP is all that can be seen of them. */
function ownLook(facts: Facts, path: PathName): OwnLook {
  const { ownSide, ownSideBecause } = ownSideOf(facts, path, reportOf(facts, gatewayOf(facts, path)));
  return {
    seen: ownSide === 'fine' ? 'well' : 'unseen',
    run: undefined,
    noRung: ownSideBecause,
    isOneWay: oneWayTunnel(facts, path) !== null,
    waits: notReplacedBecause(facts, path),
  };
}

function deadAt(look: Facts & Places, path: PathName, off: readonly (RouteTarget | null)[]): string {
  const isOurs = off.some((target) => look.targets[path]!.some((place) => sameTarget(place, target)));
  return isOurs ? deadBecause(look, path, reportOf(look, gatewayOf(look, path))) : '';
}

export const vpnKind: GatewayKind<VpnConnectionGateway> = {
  placesNow: (_deployment, { endsOn }) =>
    endsOn.kind === 'vpn-gateway'
      ? [{ kind: 'gateway', id: endsOn.id }]
      : [
          { kind: 'attachment', id: endsOn.attachmentId },
          { kind: 'transit-gateway', id: endsOn.id },
        ],
  placesBefore: () => [],
  declared: () => null,
  zone: () => null,
  aboutThePresent: ({ evidence }) => evidence,
  condition,
  ownLook,
  concerns: (facts, { name }, use) => tunnelConcerns(facts, name, use),
  deadAt,
  booting: () => null,
  identityAfter: () => null,
  ownSideLagMs: 3 * minuteMs,
  rungs: Object.keys(vpnRungs) as Rung[],
};
