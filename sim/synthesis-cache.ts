/**
 * One synthesis per configuration and process: many scenarios share a site, and synthesis is the slowest step.
 *
 * The assembly lies in a temporary folder for as long as the process lives: bundles are loaded from it.
 * CloudFormation's own validation is left to `npm run synth` and its test: it costs two seconds and proves nothing here.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '../core/words/domain';
import { type Synthesis, synthesize } from '../infra/synthesize';

const known = new Map<string, Synthesis>();
const folders: string[] = [];

export function synthesisFor(deployment: Deployment): Synthesis {
  const key = JSON.stringify(deployment);
  const earlier = known.get(key);
  if (earlier !== undefined) return earlier;
  process.env['CDK_VALIDATION'] ??= 'false';
  const outdir = mkdtempSync(join(tmpdir(), 'switchback-'));
  if (folders.push(outdir) === 1) process.once('exit', removeAll);
  const made = synthesize(deployment, { outdir, rehearsal: true });
  known.set(key, made);
  return made;
}

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
