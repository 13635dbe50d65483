/** How people read what a path leads through. */
import type { Path } from './domain';

/** `aws-1 and aws-2`; empty: the path has no tunnel. */
export const tunnelNames = ({ tunnels }: Pick<Path, 'tunnels'>): string =>
  tunnels.length < 3 ? tunnels.join(' and ') : `${tunnels.slice(0, -1).join(', ')} and ${tunnels.at(-1)}`;

/** `tunnel paris-a`, `tunnels aws-1 and aws-2`; empty: the path has none. */
export function tunnelText(path: Pick<Path, 'tunnels'>): string {
  if (path.tunnels.length === 0) return '';
  return `${path.tunnels.length === 1 ? 'tunnel' : 'tunnels'} ${tunnelNames(path)}`;
}
