/**
 * Every rung of every ladder, each kind's mildest first (which kind has which: core/gateways/). Each is one SSM
 * Automation document.
 */
export const rungs = [
  'clear-source-dest-check',
  'restart-tunnel',
  'reboot',
  'stop-start',
  'replace',
  'replace-tunnel',
] as const;
export type Rung = (typeof rungs)[number];
