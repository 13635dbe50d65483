/** What a canary watches, asked in one way: one path, or the users of one route set. */
import type { Canary, PathName, RouteSetName } from './domain';

type Watching = Pick<Canary, 'watches'>;

export const watchesPath =
  (path: PathName) =>
  ({ watches }: Watching): boolean =>
    watches.kind === 'path' && watches.path === path;

export const watchesUsersOf =
  (routeSet: RouteSetName) =>
  ({ watches }: Watching): boolean =>
    watches.kind === 'service' && watches.routeSet === routeSet;
