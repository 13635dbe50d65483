/** Routes that EC2 does not show: of all sets, or of those at an end that does not answer. */
import type { Connection, RouteSetName } from '../words/domain';
import type { EndName } from '../words/end';
import type { Evidence, RouteFacts, Sight } from '../words/evidence';
import { areRoutesUnread } from './assessment';

/** Sets whose tables EC2 does not show: all, or those at an end that does not answer. */
export function unseenSets({
  connection,
  evidence,
}: {
  readonly connection: Pick<Connection, 'routeSets'>;
  readonly evidence: Pick<Evidence, 'routes' | 'missingTables' | 'unreadEnds'>;
}): RouteSetName[] {
  const all = Object.values(connection.routeSets);
  const unread = areRoutesUnread(evidence) ? all : all.filter(({ end }) => isUnread(evidence, end));
  return unread.map(({ name }) => name);
}

const isUnread = ({ unreadEnds = [] }: Pick<Evidence, 'unreadEnds'>, end: EndName | undefined): boolean =>
  end !== undefined && unreadEnds.includes(end);

/** What EC2 shows, and of these sets what it showed last. */
export const withLastSeen = (
  shown: readonly RouteFacts[],
  seen: Sight,
  unseen: readonly RouteSetName[],
): readonly RouteFacts[] => [...shown, ...seen.routes.filter(({ routeSet }) => unseen.includes(routeSet))];
