// Builds what `npm pack` ships beside the functions' bundles: the library (JavaScript and types of the construct, file
// by file) in dist/library, and the command, one bundle in lazy chunks, in dist/command.
//
// The command carries all it needs but aws-cdk-lib and constructs, which only the chunks that synthesize ask for; a
// machine that has neither can still do everything else with it.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { licenceText, packageFolders } from './bundled-packages.mjs';

const root = path.join(import.meta.dirname, '..');
const library = path.join(root, 'dist/library');
const command = path.join(root, 'dist/command');
const entry = path.join(root, 'cli/main.ts');
const loading = ['operate/program', 'operate/program-glass', 'operate/options', 'doctor/program'];
const programs = [entry, ...loading.map((file) => path.join(root, `cli/${file}.ts`))];

rmSync(library, { recursive: true, force: true });
const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.package.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

/** dynalite finds its actions by names put together at run time, which no bundler can follow: they are written out. */
const dynaliteWhole = {
  name: 'dynalite-whole',
  transform(code, id) {
    if (!id.endsWith('/dynalite/index.js')) return null;
    return code.replace(/require\('\.\/(actions|validations)\/' \+ action\)/g, (_, folder) => {
      const names = readdirSync(path.join(path.dirname(id), folder)).map((file) => path.basename(file, '.js'));
      return `({ ${names.map((name) => `${name}: () => require('./${folder}/${name}')`).join(', ')} })[action]()`;
    });
  },
};

/** dynalite's store on a disk, a native binary; the local cloud keeps its tables in memory. */
const withoutDisk = {
  name: 'without-disk',
  resolveId: (id) => (id === 'level' ? '\0level' : null),
  load: (id) => (id === '\0level' ? 'export class Level {}' : null),
};

/** From the sources each command is loaded by `require`; in the bundle it is a chunk of its own. */
const commandsApart = {
  name: 'commands-apart',
  transform(code, id) {
    return programs.includes(id) ? code.replace(/\brequire\('(\.\.?\/[a-z/-]+)'\)/g, "(await import('$1'))") : null;
  },
};

rmSync(command, { recursive: true, force: true });
const bundle = await rolldown({
  input: { switchback: entry },
  platform: 'node',
  external: [/^aws-cdk-lib(\/|$)/, /^constructs$/],
  plugins: [commandsApart, dynaliteWhole, withoutDisk],
  resolve: { mainFields: ['module', 'main'] },
  treeshake: { propertyReadSideEffects: false },
});
const { output: chunks } = await bundle.write({
  dir: command,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: 'parts/[name]-[hash].cjs',
  banner: ({ isEntry }) =>
    isEntry ? "#!/usr/bin/env node\nprocess.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';" : '',
});
await bundle.close();

// What the functions and the report's page carry was written down when they were built.
const built = ['dist/functions', 'dist/report-page'].flatMap((folder) =>
  JSON.parse(readFileSync(path.join(root, folder, 'bundled-packages.json'), 'utf8')),
);
const licences = licenceText(root, [...built, ...packageFolders(root, chunks)]);
writeFileSync(path.join(root, 'dist/THIRD-PARTY-LICENCES.txt'), licences);
const kb = chunks.reduce((sum, { fileName }) => sum + statSync(path.join(command, fileName)).size, 0) / 1024;
console.log(`command ${kb.toFixed(0).padStart(4)} kB in ${chunks.length} chunks`);
