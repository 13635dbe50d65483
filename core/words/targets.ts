/** Where routes point, compared and as people read it. */
import type { RouteTarget } from './domain';

export const sameTarget = (a: RouteTarget | null, b: RouteTarget | null): boolean =>
  a?.kind === b?.kind && a?.id === b?.id;

export const targetText = (target: RouteTarget | null): string => (target === null ? 'nothing' : target.id);
