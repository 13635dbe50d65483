/**
 * Every rung of every ladder, each kind's mildest first (which kind has which: core/gateways/), and the orders to a
 * speaker or for a tunnel, which stand beside the ladders: they repair nothing. Each is one SSM Automation document.
 */
export const rungs = [
  'clear-source-dest-check',
  'restart-tunnel',
  'reboot',
  'stop-start',
  'replace',
  'replace-tunnel',
  'drain',
  'undrain',
  'attract',
] as const;
export type Rung = (typeof rungs)[number];

/** Of whatever a document or a history calls so. */
export const isOrderRung = (rung: string): boolean => ['drain', 'undrain', 'attract'].includes(rung);
