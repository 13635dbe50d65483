/**
 * What the speakers must say where the routes are: answers shall come back over the paths that packets leave by.
 *
 *     some set is on the path ....................... normal: it carries, so it is advertised
 *     none is, and a set that is at home there is away .. drained: answers would come back over a path that was left
 *     none is, and none is at home there ............ normal: the standby, which the partner likes less by itself
 *
 * Pure, and of the configuration and the routes alone: `assess` and `apply` plan the same steps.
 */
import type { Connection, PathName, RouteSetName } from '../words/domain';
import type { Advertised, SpeakerStep } from './plane';

/** The paths that the routes of each set follow. */
export type Placement = Readonly<Record<RouteSetName, readonly PathName[]>>;

/** Null: the routes of a set that is at home there could not be read. */
export function wantedByRoutes(
  { routeSets }: Pick<Connection, 'routeSets'>,
  used: Placement,
  path: PathName,
): Advertised | null {
  const sets = Object.values(routeSets);
  const on = ({ name }: { readonly name: RouteSetName }): readonly PathName[] => used[name] ?? [];
  if (sets.some((set) => on(set).includes(path))) return 'normal';
  const homes = sets.filter(({ home }) => home === path);
  if (homes.some((set) => on(set).length === 0)) return null;
  return homes.length > 0 ? 'drained' : 'normal';
}

/** What changes for the speakers when routes go from here to there. The way back asks for the inverse of each step. */
export function speakerSteps(
  connection: Pick<Connection, 'routeSets' | 'paths'>,
  before: Placement,
  after: Placement,
): SpeakerStep[] {
  return Object.values(connection.paths).flatMap(({ name, gateway, neighbor }): SpeakerStep[] => {
    const expected = wantedByRoutes(connection, before, name);
    const to = wantedByRoutes(connection, after, name);
    if (neighbor === undefined || expected === null || to === null || expected === to) return [];
    const kind = to === 'drained' ? 'drain' : 'undrain';
    return [{ kind, path: name, speaker: gateway, scope: neighbor.across, expected, to }];
  });
}
