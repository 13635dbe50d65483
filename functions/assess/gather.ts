/**
 * Gathers the evidence for one connection: everything `takeTurn` looks at, asked side by side. A question: it changes
 * nothing. What could not be read is null or empty, which the core takes for unknown, never for down.
 *
 * The caller has read the connection item before it calls (the signal counter first, then the world).
 *
 *     reports -- the table, or, where that is silent, --> metrics      \
 *     gateway items -- or, where they are silent, --> who was replaced   > all that a rescue needs
 *     routes -- or, where EC2 does not answer, --> routes last seen    /
 *     instances (whose identity may be journalled), automations       side questions
 *
 * Nobody waits for ever: the caller looks at what is in when its time is up. Reports age while the rest is waited for,
 * so those that have lain here are read again: every proof is judged by the instant at which it was asked for.
 */

import { isTransient } from '../../adapters/errors';
import type { Known } from '../../core/gateways/kind';
import { automationToAsk, claimsToAsk } from '../../core/remember/freeing';
import type { ConnectionLease } from '../../core/store/lease';
import { openRung } from '../../core/store/memory';
import type { Observed } from '../../core/store/observed';
import type { ConnectionName, Deployment, GatewayName } from '../../core/words/domain';
import type { Evidence, GatewayLease, Sight } from '../../core/words/evidence';
import { limits } from '../../core/words/policy';
import type { Instant } from '../../core/words/time';
import { type Scope, scopeOf, type WatchedBy } from '../scope';
import { readStandIns } from '../stand-ins';
import type { World } from '../world';
import { type Part, Parts, settled } from './parts';
import {
  type Claims,
  type FoundRoutes,
  type Leases,
  publishingOf,
  type Reports,
  readAutomation,
  readClaims,
  readGatewayLeases,
  readInstances,
  readLastSeen,
  readObservations,
  readReports,
  readRoutes,
  readTable,
  readTunnelAlarmsOf,
  type Told,
} from './questions';

export interface Question {
  readonly connection: ConnectionName;
  /** Null: the state table does not answer. Then metrics stand in for the reports: they left by another way. */
  readonly lease: ConnectionLease | null;
  /** A caller that has asked EC2 for the route tables already hands the answer on. */
  readonly routes?: Promise<FoundRoutes>;
}

export interface Gathered {
  readonly evidence: Evidence;
  /** What could not be read, each with its reason. */
  readonly unread: readonly string[];
  /** What EC2 showed of the connection's own routes; null: it has not answered. */
  readonly sight: Sight | null;
}

/** A look that is under way. Each wait ends with the gathering's time. */
export interface Looking {
  /** True once everything is in. */
  whenAll(withinMs: number): Promise<boolean>;
  /** True once all that a rescue needs is in, as AWS has it now: reports, gateway items, routes. */
  whenShown(withinMs: number): Promise<boolean>;
  /** Reports and gateway items are in, and routes, or those last seen. */
  whenRescuable(): Promise<void>;
  whenRoutes(): Promise<void>;
  /** What is in by now. Throws only when reports, routes and instances are all missing: then nothing is known. */
  gathered(): Promise<Gathered>;
}

/** Everything there is within the gathering's time. */
export async function gather(world: World, deployment: Deployment, question: Question): Promise<Gathered> {
  const looking = look(world, deployment, question);
  await looking.whenAll(limits.gatherMs);
  return looking.gathered();
}

export function look(world: World, deployment: Deployment, question: Question): Looking {
  const startedAt = world.now();
  const endsAt = startedAt + limits.gatherMs;
  const scope = scopeOf(deployment, question.connection);
  const parts = new Parts(world, startedAt, endsAt);
  const repair = question.lease === null ? null : (openRung(question.lease.memory)?.clientToken ?? null);
  const asked = askAll(hurried(world, endsAt), parts, deployment, scope, question);
  const { reports, leases, standIns, observations } = asked;
  const routesOrLastSeen = asked.lastSeen.done.then(() =>
    asked.lastSeen.value === null ? asked.routes.done : undefined,
  );
  const told = Promise.all([reports, leases, standIns, observations].map(({ done }) => done));
  const rescuable = Promise.all([routesOrLastSeen, told]);
  const shown = Promise.all([asked.routes.done, told]);
  return {
    whenAll: (withinMs) => parts.whenAll(startedAt + withinMs),
    whenShown: async (withinMs) => (await parts.before(startedAt + withinMs, shown)) && asked.routes.value !== null,
    whenRescuable: async () => void (await parts.before(endsAt, rescuable)),
    whenRoutes: async () => void (await parts.before(endsAt, asked.routes.done)),
    gathered: async () => {
      parts.throwIfAllFailed('reports', 'routes', 'instances');
      const told = await freshened(world, parts, scope, asked.reports.value);
      const { denied } = parts;
      const evidence = {
        ...evidenceOf(scope, asked, told, repair),
        ...(denied.length > 0 && { denied }),
      };
      return { unread: parts.unread, evidence, sight: sightOf(asked.routes.value) };
    },
  };
}

/** A throttled call is not tried again once nobody waits for it. */
const hurried = (world: World, deadlineAt: Instant): World & { readonly deadlineAt: Instant } => ({
  ...world,
  now: () => world.now(),
  sleep: (ms) => world.sleep(ms),
  deadlineAt,
});

interface Asked {
  readonly reports: Part<Told>;
  readonly leases: Part<Leases>;
  readonly observations: Part<Readonly<Record<GatewayName, Observed>>>;
  readonly instances: Part<Evidence['instances']>;
  readonly claims: Part<Claims>;
  readonly routes: Part<FoundRoutes>;
  readonly standIns: Part<Evidence['standIns']>;
  readonly lastSeen: Part<Evidence['lastSeen']>;
  readonly rung: Part<Evidence['automation']>;
  readonly tunnelAlarms: Part<Evidence['tunnelAlarms']>;
  /** Gateways that publish how their own daemon sees its tunnels. */
  readonly publishing: readonly GatewayName[];
}

function askAll(world: World, parts: Parts, deployment: Deployment, scope: Scope, question: Question): Asked {
  const { lease } = question;
  const readAt = world.now();
  const running = lease === null ? null : automationToAsk(lease.memory, lease.automation);
  const reports = parts.ask('reports', () => readReports(world, parts, scope, lease !== null));
  const leases = parts.ask('gateway items', () => readGatewayLeases(world, scope, lease !== null));
  /** As far as they could be read: identity falls back to what is declared. */
  const known = async (): Promise<Leases> => {
    await leases.done;
    return leases.value ?? nullFor(scope.gatewaysWithSharing);
  };
  const standIns = parts.ask('identities', async (): Promise<Evidence['standIns']> => {
    await leases.done;
    if (lease !== null && leases.value !== null) return {};
    return readStandIns(world, deployment, scope.gatewaysWithSharing, (because) => parts.notes.push(because));
  });
  const routes = parts.ask(
    'routes',
    () => question.routes ?? readRoutes(world, deployment, scope, limits.routesPatienceMs),
  );
  return {
    reports,
    leases,
    observations: parts.ask('observations', () => readObservations(world, scope, lease !== null)),
    instances: parts.ask('instances', async () =>
      readInstances(world, parts, deployment, scope, await whoIsWho(await known(), standIns, routes)),
    ),
    claims: parts.ask('claims', async () => {
      const items = await known();
      return readClaims(world, parts, deployment, claimsToAsk(scope.connection, items, running, readAt), items);
    }),
    routes,
    standIns,
    lastSeen: parts.ask('routes last seen', async () =>
      lease === null ? null : readLastSeen(world, parts, scope, routes),
    ),
    publishing: publishingOf(deployment, scope.gateways),
    tunnelAlarms: parts.ask('tunnel alarms', () => readTunnelAlarmsOf(world, deployment, scope)),
    rung: parts.ask('automation', async () =>
      running === null ? null : readAutomation(world, deployment, running, openRung(lease!.memory)?.gateway),
    ),
  };
}

/** Only an older version's replacement needs the pins: it does not say what it replaced. */
async function whoIsWho(
  gatewayLeases: Leases,
  standIns: Part<Evidence['standIns']>,
  routes: Part<FoundRoutes>,
): Promise<Known> {
  await standIns.done;
  const isOld = ({ identity }: GatewayLease): boolean => identity !== null && identity.replaced === undefined;
  if (Object.values(gatewayLeases).some((lease) => lease !== null && isOld(lease))) await routes.done;
  return { gatewayLeases, standIns: standIns.value ?? {}, pins: routes.value?.pins ?? {} };
}

function observedIn(
  { gateways }: Scope,
  seen: Readonly<Record<GatewayName, Observed>>,
): Pick<Evidence, 'observations' | 'healthWords'> {
  return {
    observations: Object.fromEntries(gateways.map((name) => [name, seen[name]?.instance ?? null])),
    healthWords: Object.fromEntries(gateways.map((name) => [name, seen[name]?.health ?? []])),
  };
}

const sightOf = (found: FoundRoutes | null): Sight | null =>
  found === null ? null : { seenAt: found.seenAt, routes: found.own, pins: found.pins };

/** Where its start could not be journalled, the automation of the repair under way is known by its claim alone. */
const claimOf = (claims: Claims | null, repair: string | null): Evidence['automation'] =>
  claims?.known.find((one) => repair !== null && one.repair === repair) ?? null;

function evidenceOf(scope: Scope, asked: Asked, told: Told, repair: string | null): Evidence {
  const { fault, value } = asked.routes;
  const isShown = value !== null && value.unreadEnds.length === 0;
  const lastSeen = !isShown && (fault === null || isTransient(fault)) ? asked.lastSeen.value : null;
  return {
    reportsReadAt: told.askedAt,
    reportsFrom: told.from,
    ...(told.unwrittenSince !== undefined && { unwrittenSince: told.unwrittenSince }),
    reports: pick(told.byCanary, scope.canaries),
    otherReports: pick(told.byCanary, scope.otherCanaries),
    instances: asked.instances.value ?? nullFor(scope.gateways),
    tunnels: told.tunnels,
    speakers: told.speakers,
    tunnelAlarms: asked.tunnelAlarms.value ?? nullFor(asked.publishing),
    routes: asked.routes.value?.own ?? [],
    lastSeen,
    ...(value !== null && !isShown && { unreadEnds: value.unreadEnds }),
    missingTables: asked.routes.value?.missing ?? [],
    shadows: asked.routes.value?.shadows ?? [],
    otherRoutes: asked.routes.value?.others ?? Object.fromEntries(scope.sharing.map(({ name }) => [name, []])),
    pins: asked.routes.value?.pins ?? lastSeen?.pins ?? {},
    standIns: asked.standIns.value ?? {},
    gatewayLeases: asked.leases.value ?? nullFor(scope.gatewaysWithSharing),
    automation: asked.rung.value ?? claimOf(asked.claims.value, repair),
    endedClaims: asked.claims.value?.ended ?? [],
    ...observedIn(scope, asked.observations.value ?? {}),
  };
}

/**
 * Reports that were waited with are read again before anybody decides on them: what a canary said a moment ago may be
 * an older word than the one it has written since. Where that gets no answer either, the first ones count.
 */
async function freshened(world: World, parts: Parts, scope: Scope, told: Told | null): Promise<Told> {
  if (told === null)
    return { from: 'none', byCanary: {}, tunnels: {}, speakers: {}, askedAt: world.now(), answeredAt: world.now() };
  if (told.from !== 'table' || world.now() - told.answeredAt <= limits.reportsKeepMs) return told;
  const until = world.now() + limits.rescueWaitMs;
  const again = settled(readTable(hurried(world, until), scope, null));
  if (!(await parts.before(until, again))) return told;
  const outcome = await again;
  return outcome.ok ? outcome.value : told;
}

function nullFor(names: readonly GatewayName[]): Record<GatewayName, null> {
  return Object.fromEntries(names.map((name) => [name, null]));
}

function pick(reports: Reports, watched: readonly WatchedBy[]): Reports {
  return Object.fromEntries(watched.map(({ canary }) => [canary.id, reports[canary.id] ?? null]));
}
