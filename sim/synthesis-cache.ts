/**
 * One synthesis per configuration and process: many scenarios share a site, and synthesis is the slowest step.
 *
 * CloudFormation's own validation is left to `npm run synth` and its test: it costs two seconds and proves nothing here.
 */
import type { Deployment } from '../core/domain';
import { type Synthesis, synthesize } from '../infra/synthesize';

const known = new Map<string, Synthesis>();

export function synthesisFor(deployment: Deployment): Synthesis {
  const key = JSON.stringify(deployment);
  const earlier = known.get(key);
  if (earlier !== undefined) return earlier;
  process.env['CDK_VALIDATION'] ??= 'false';
  const made = synthesize(deployment);
  known.set(key, made);
  return made;
}
