/** The repair ladder, mildest first. Each rung is one SSM Automation document. */
export const rungs = ['clear-source-dest-check', 'restart-tunnel', 'reboot', 'stop-start', 'replace'] as const;
export type Rung = (typeof rungs)[number];
