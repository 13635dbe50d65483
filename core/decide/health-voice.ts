/**
 * What AWS Health says of a gateway, told in AWS's own code and words: once, by one of the connections over it, and in a
 * mail of its own where nothing else is to be said. It asks for nothing, opens no incident and moves nothing.
 */

import type { Announcement } from '../store/memory';
import type { Connection, Deployment, GatewayName } from '../words/domain';
import { isOver } from '../words/ends';
import type { HealthWord } from '../words/evidence';
import { dayMs, type Instant } from '../words/time';
import { isOfKind } from '../words/told-kinds';
import type { View } from './view';

/** Heard longer ago, it is no news, though nobody remembers having told it. */
const newsForMs = dayMs;

/**
 * Everything that Health has said since this connection told of it last.
 *
 * Example: AWS replaces the endpoint of a tunnel that carries nobody. Canaries see nothing, so no rule speaks and the
 * run ends at once; people still hear that the connection had no redundancy for a while, in AWS's words.
 */
export function healthNews(view: View): Announcement[] {
  const { evidence, memory, now } = view;
  return Object.entries(evidence.healthWords)
    .filter(([gateway]) => speaksFor(view, gateway))
    .flatMap(([gateway, words]) => {
      const toldAt = memory.healthToldAt[gateway] ?? 0;
      const news = words.filter(({ at }) => at > toldAt && now - at < newsForMs);
      return news.map((word) => ({ key: `health/${gateway}/${word.at}` as const, text: textOf(gateway, word) }));
    });
}

/** The first of those that run over it: people need no second mail. */
export function speaksFor({ connection, deployment }: View, gateway: GatewayName): boolean {
  return overIt(deployment, gateway)[0] === connection.name;
}

const overIt = ({ connections }: Deployment, gateway: GatewayName): string[] =>
  Object.values(connections)
    .filter(({ paths }: Connection) => Object.values(paths).some((path) => isOver(path, gateway)))
    .map(({ name }) => name);

function textOf(gateway: GatewayName, { about, code, status, says }: HealthWord): string {
  const what = [code, status].filter((part) => part !== '').join(', ');
  return `AWS Health says of ${gateway} (${about}): ${what}${says === '' ? '' : `: ${says}`}`;
}

/** AWS's word, or a drill that never began: of such news alone no incident is made, and none begins anew. */
export const isPlainNews = ({ key }: Announcement): boolean =>
  isOfKind(key, 'health') || isOfKind(key, 'scheduled') || key.startsWith('drilled/refused/');

/** Until when all of it is told, gateway by gateway. */
export function healthToldAfter(
  before: Readonly<Record<GatewayName, Instant>>,
  announced: readonly Announcement[],
): Record<GatewayName, Instant> {
  const after = { ...before };
  for (const { key } of announced.filter((one) => isOfKind(one.key, 'health'))) {
    const [, gateway = '', at = ''] = key.split('/');
    after[gateway] = Math.max(after[gateway] ?? 0, Number(at));
  }
  return after;
}
