// The command, from its bundle (`npm run build`) where nothing has changed since that was made, otherwise from the
// sources, whose loading takes about as long as an incident.
import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const bundle = path.join(root, 'dist/command/switchback.cjs');
const folders = ['adapters', 'cli', 'config', 'core', 'functions', 'infra', 'local-cloud', 'runbooks'];
const madeFrom = [...folders, 'sim', 'statemachines', 'package-lock.json'].map((name) => path.join(root, name));

/** A folder's own time counts, too: it moves when a file in it is deleted. */
function isOlder(place, at) {
  const stat = statSync(place);
  if (stat.mtimeMs > at) return false;
  return !stat.isDirectory() || readdirSync(place).every((name) => isOlder(path.join(place, name), at));
}

const madeAt = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const command = madeFrom.every((place) => isOlder(place, madeAt)) ? bundle : path.join(root, 'cli/switchback.cjs');
process.argv[1] = command;
createRequire(import.meta.url)(command);
