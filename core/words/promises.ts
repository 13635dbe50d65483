/**
 * How long users may be dark after a fault that only canaries see, by preset: of a hundred faults fifty, ninety-five and
 * ninety-nine are over by then. `npm run -s targets` measures them (docs/TARGETS.md), a report compares with them.
 */
export const darkPromisesMs = {
  balanced: { p50: 4_600, p95: 8_500, p99: 12_000 },
  fast: { p50: 3_600, p95: 7_100, p99: 10_800 },
} as const;
