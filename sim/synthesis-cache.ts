/**
 * One synthesis per configuration and process: many scenarios share a site, and synthesis is the slowest step. Where
 * `SYNTHESES` names a folder, the processes of one run share theirs through it: `npm test` sets it (test/reporter.cjs),
 * and removes it with the run, so that no later change of a construct can meet an old template.
 *
 * An assembly lies in a temporary folder for as long as the process lives: bundles are loaded from it.
 * CloudFormation's own validation is left to `npm run synth` and its test: it costs two seconds and proves nothing here.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '../core/words/domain';
import { readAssembly, type Synthesis } from '../infra/assembly';
import type * as Synthesizer from '../infra/synthesize';

const known = new Map<string, Synthesis>();
const folders: string[] = [];

export function synthesisFor(deployment: Deployment): Synthesis {
  const key = JSON.stringify(deployment);
  const earlier = known.get(key);
  if (earlier !== undefined) return earlier;
  process.env['CDK_VALIDATION'] ??= 'false';
  const made = sharedSynthesis(deployment, `with bundles ${key}`, (outdir) =>
    synthesizer().synthesize(withoutAccount(deployment), { outdir, rehearsal: true }),
  );
  known.set(key, made);
  return made;
}

/** CDK is loaded by who makes a template, not by who finds one. */
const synthesizer = (): typeof Synthesizer => require('../infra/synthesize') as typeof Synthesizer;

/** Made by `make`, or by whichever process of this run asked for the same before; `what` is all that it depends on. */
export function sharedSynthesis({ name }: Deployment, what: string, make: (outdir: string) => Synthesis): Synthesis {
  const shared = process.env['SYNTHESES'];
  if (shared === undefined) return make(temporaryFolder());
  const folder = join(shared, createHash('sha256').update(what).digest('hex'));
  if (!existsSync(folder)) {
    const outdir = mkdtempSync(`${folder}-`);
    make(outdir);
    takePlace(outdir, folder);
  }
  return readAssembly(folder, name);
}

/** Whole or not at all. Two may have made the same: the first one's is kept. */
function takePlace(made: string, folder: string): void {
  try {
    renameSync(made, folder);
  } catch {
    rmSync(made, { recursive: true });
  }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchback-'));
  if (folders.push(folder) === 1) process.once('exit', removeAll);
  return folder;
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
