/** What a route leads to: one block of addresses, or a list of blocks that its owner keeps elsewhere. */

export const isPrefixList = (destination: string): boolean => destination.startsWith('pl-');
