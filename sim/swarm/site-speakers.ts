/**
 * Draws partners who listen to BGP: the paths of a drawn connection get neighbours, their gateways speakers. From a stream of
 * its own, so that the other sites stay what they are.
 */
import type { Random } from '../../local-cloud/random';
import { letters, type Tree, weighted } from './site-parts';

const ratio = 0.06;
/** Of each forty sites, which is what 2,000 seeds have, these hold one for certain. */
const certain: readonly number[] = [2, 11, 29, 36];
const drawnCertain: readonly number[] = [6, 24];
const drawnRatio = 0.04;
const period = 40;
/** Most partners send one route set's answers as all others': the home of each is then the same path. */
const oneHomeRatio = 0.8;

export function addSpeakers(
  random: Random,
  seed: number,
  connections: Record<string, Tree>,
  gateways: Record<string, Tree>,
): void {
  const isCertain = certain.includes(seed % period);
  const isDrawn = drawnCertain.includes(seed % period) || random.chance(drawnRatio);
  if (isDrawn) drawAnswers(Object.values(connections)[0]!, gateways);
  if (isDrawn || (!random.chance(ratio) && !isCertain)) return;
  Object.values(connections).forEach((connection, n) => {
    if (n === 0 || random.chance(0.5)) listen(random, connection, n, gateways);
  });
  // A mode in which nothing is ordered would be drawn for certain as well.
  if (isCertain) Object.values(connections)[0]!['mode'] = 'repair';
}

/** The partner holds all tunnels in one box and answers over the one keyed last. */
function drawAnswers(connection: Tree, gateways: Record<string, Tree>): void {
  Object.assign(connection, { mode: 'repair', coupled: true, routing: { back: { by: 'peer', attract: 'rekey' } } });
  for (const { gateway } of Object.values(connection['paths'] as Record<string, Tree>))
    gateways[gateway as string]!['control'] = 'ssm';
}

/** One path more, whose partner listens too. */
export function addListener(path: Tree, gateway: Tree): void {
  Object.assign(path, { neighbors: { across: '169.254.99.1' }, drain: 'prepend' });
  gateway['speaker'] = { software: 'frr', as: 64_999, startsDrained: true };
}

function listen(random: Random, connection: Tree, n: number, gateways: Record<string, Tree>): void {
  const isFast = random.chance(0.6);
  connection['routing'] = { back: { by: 'bgp' }, convergeWithin: isFast ? '5s' : '35s' };
  Object.values(connection['paths'] as Record<string, Tree>).forEach((path, i) => {
    path['neighbors'] = { across: `169.254.${n + 10}.${4 * i + 1}` };
    path['drain'] = weighted(random, { prepend: 60, 'graceful-shutdown': 40 });
    const gateway = gateways[path['gateway'] as string]!;
    gateway['control'] = 'ssm';
    gateway['speaker'] ??= { software: 'frr', as: 64_600 + 10 * n + i, startsDrained: random.chance(0.7) };
  });
  const sets = Object.values(connection['routeSets'] as Record<string, Tree>);
  if (random.chance(oneHomeRatio)) for (const set of sets) set['home'] = sets[0]!['home'] ?? letters[0];
}
