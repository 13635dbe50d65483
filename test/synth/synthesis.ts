/** The template of a site with stub bundles: nothing needs to be built, and nothing leaves the temporary folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfigFile } from '../../config/read';
import type { Deployment } from '../../core/words/domain';
import type { Synthesis } from '../../infra/assembly';
import { functionNames } from '../../infra/function-names';
import type * as Synthesizer from '../../infra/synthesize';
import { sharedSynthesis } from '../../sim/synthesis-cache';

export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shapes, read by path.
  readonly Properties: any;
}

const folders: string[] = [];
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchback-synth-'));
  folders.push(folder);
  return folder;
}

export function stubFunctions(): string {
  const directory = temporaryFolder();
  for (const name of functionNames) {
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, 'index.mjs'), `export const handler = async () => '${name}';\n`);
  }
  return directory;
}

export function siteDeployment(name: string): Deployment {
  return readConfigFile(join(__dirname, `../../sim/sites/${name}.yaml`));
}

/** With no option of its own, made once in a run of all suites. */
export function synthesizeSite(deployment: Deployment, options?: Synthesizer.SynthesizeOptions): Synthesis {
  const make = (outdir: string): Synthesis => {
    // CDK is loaded by the suite that makes a template, not by those that find it made.
    const { synthesize } = require('../../infra/synthesize') as typeof Synthesizer;
    return synthesize(deployment, { outdir, functionsDirectory: stubFunctions(), rehearsal: true, ...options });
  };
  if (options !== undefined) return make(temporaryFolder());
  return sharedSynthesis(deployment, `with stubs ${JSON.stringify(deployment)}`, make);
}

/** Resources of one type, by logical id. */
export function resources({ template }: Synthesis, type: string): [id: string, resource: Resource][] {
  const all = template['Resources'] as Record<string, Resource>;
  return Object.entries(all).filter(([, resource]) => resource.Type === type);
}

/** The one resource of a type whose logical id contains this. */
export function resource(synthesis: Synthesis, type: string, idPart = ''): Resource {
  const found = resources(synthesis, type).filter(([id]) => id.includes(idPart));
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type} contain "${idPart}"`);
  return found[0]![1];
}
