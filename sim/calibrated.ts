/**
 * Latencies that somebody measured at a site of his own (`switchback smoke`), in place of the table's: what `simulate
 * --calibrated` plays with. Hops that were not measured keep the table's numbers.
 */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { type HopName, hops, type LatencyOptions } from '../local-cloud/latency';

/** Thrown with every field at fault. */
class CalibrationInvalid extends Error {
  override readonly name = 'CalibrationInvalid';
}

type CalibratedHops = NonNullable<LatencyOptions['hops']>;

const millisecondsMax = 60_000;
const milliseconds = z
  .number('must be milliseconds, a number')
  .min(1, 'must be 1 or more milliseconds')
  .max(millisecondsMax, `must be at most ${millisecondsMax} milliseconds`);
const spread = z
  .object({ p50: milliseconds, p99: milliseconds, samples: z.number().optional() }, 'must be a group of p50 and p99')
  .refine(({ p50, p99 }) => p99 >= p50, { path: ['p99'], error: 'must not be below p50' });
const names = Object.keys(hops) as [HopName, ...HopName[]];
const file = z.object(
  {
    schema: z.literal(1, 'must be 1: the file was written by another version'),
    hops: z.partialRecord(z.enum(names), spread, 'must be a group of hops'),
  },
  'must be what `switchback smoke` wrote',
);

export function calibratedHops(path: string): CalibratedHops {
  const read = file.safeParse(treeIn(path));
  if (!read.success) {
    const problems = read.error.issues.flatMap(problemsOf);
    throw new CalibrationInvalid(`${path}: ${problems.join('; ')}`);
  }
  return read.data.hops as CalibratedHops;
}

/** A name that is none of ours is named itself, not the group that it stands in. */
function problemsOf(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.join('.') || 'the file';
  if (issue.code !== 'unrecognized_keys') return [`${at} ${issue.message}`];
  return issue.keys.map((key) => `${at}.${key} is no hop: one of ${names.join(', ')}`);
}

function treeIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : (code ?? `it is no JSON: ${message}`);
    throw new CalibrationInvalid(`${path} cannot be read, ${why}: name the file that \`switchback smoke\` wrote`);
  }
}
