/** What a route leads to: one block of addresses, or a list of blocks that its owner keeps elsewhere. */
import type { Deployment } from './domain';

export const isPrefixList = (destination: string): boolean => destination.startsWith('pl-');

/** Prefix lists that tables of transit gateways refer to: there a reference has calls of its own. */
export const transitLists = ({ connections }: Pick<Deployment, 'connections'>): string[] =>
  Object.values(connections)
    .flatMap(({ routeSets }) => Object.values(routeSets))
    .flatMap(({ plane, destinations }) => (plane === 'tgw-table' ? destinations.filter(isPrefixList) : []));
