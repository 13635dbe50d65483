/**
 * Draws what an author declares of habits: hours in which gateways are switched off on purpose, and connections that go
 * home only when a person says so. From a stream of its own, laid over a site that is drawn already.
 */
import type { Random } from '../../local-cloud/random';

type Tree = Record<string, unknown>;

const quietRatio = 0.25;
const manualRatio = 0.2;
/** Of the connections after the first. */
const alsoRatio = 0.5;

/** Zones and what their clocks show beside UTC in January, when every run begins: minutes. */
const zones = { UTC: 0, 'Europe/Berlin': 60, 'America/New_York': -300, 'Asia/Kolkata': 330 } as const;
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const dayMinutes = 1_440;

export function addHabits(random: Random, connections: Record<string, Tree>): void {
  const isQuiet = random.chance(quietRatio);
  const isManual = random.chance(manualRatio);
  Object.values(connections).forEach((connection, i) => {
    if (isQuiet && (i === 0 || random.chance(alsoRatio))) connection['quiet'] = quietTree(random);
    if (isManual && (i === 0 || random.chance(alsoRatio)))
      connection['policy'] = { ...(connection['policy'] as Tree), failback: 'manual' };
  });
}

/** Open all along, or closing or opening in mid-incident; in one window, or in two that touch. */
function quietTree(random: Random): Tree[] {
  const [from, until] = random.pick([
    [-random.int(10, 600), random.int(60, 600)],
    [-random.int(10, 600), random.int(1, 10)],
    [random.int(0, 2), random.int(5, 300)],
  ] as const);
  if (!random.chance(0.3)) return [windowTree(random, from, until)];
  const between = Math.max(from + 1, Math.min(until - 1, random.int(1, 6)));
  return [windowTree(random, from, between), windowTree(random, between, until)];
}

/** From and until: minutes since the run begins, on a Monday at midnight in UTC. */
function windowTree(random: Random, from: number, until: number): Tree {
  const timezone = random.pick(Object.keys(zones) as (keyof typeof zones)[]);
  const [begins, ends] = [from + zones[timezone], until + zones[timezone]];
  const day = days[(Math.floor(begins / dayMinutes) + days.length) % days.length]!;
  return { days: random.chance(0.5) ? [day] : [...days], from: clockText(begins), to: clockText(ends), timezone };
}

function clockText(minute: number): string {
  const ofDay = ((minute % dayMinutes) + dayMinutes) % dayMinutes;
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(Math.floor(ofDay / 60))}:${two(ofDay % 60)}`;
}
