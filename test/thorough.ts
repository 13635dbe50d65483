/**
 * With `TWICE=all`, as in CI, everything is played, drawn and compared; `npm test` takes its share of what is drawn or
 * chosen, so that it answers in minutes.
 */
export const isThorough = process.env['TWICE'] === 'all';

/** How many of what CI draws `usual` times. */
export const drawn = (usual: number): number => (isThorough ? usual : Math.ceil(usual * 0.25));
