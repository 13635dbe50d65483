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
  const made = synthesize(withoutAccount(deployment), { outdir, rehearsal: true });
  known.set(key, made);
  return made;
}

/** What a boundary allows, and what lies in a topic's policy or in an old table, only the account knows. */
function withoutAccount({ installation, ...deployment }: Deployment): Deployment {
  if (installation === undefined) return deployment;
  const { permissionsBoundary: _, stateTable: __, notify, ...kept } = installation;
  const emails = notify?.kind === 'people' ? notify.emails : [];
  return { ...deployment, installation: { ...kept, notify: { kind: 'people', emails } } };
}

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
