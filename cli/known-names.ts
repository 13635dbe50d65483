/**
 * What this machine last saw deployed: names of connections, paths, route sets and gateways, for a shell to offer at Tab
 * without asking AWS. One small file a deployment in the cache folder; nothing but a command's own look writes it, and
 * nothing rests on it: it may be old, gone or damaged.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '../core/words/domain';
import { choiceOf } from '../core/words/ends';
import { isText, listOf, parsed, recordOf, shapeOf } from '../core/words/shape';
import { isDeploymentName } from '../core/words/whereabouts';

interface KnownConnection {
  readonly paths: readonly string[];
  readonly routeSets: readonly string[];
}

export interface KnownNames {
  readonly connections: Readonly<Record<string, KnownConnection>>;
  readonly gateways: readonly string[];
}

const isKnownNames = shapeOf<KnownNames>({
  connections: recordOf(shapeOf<KnownConnection>({ paths: listOf(isText), routeSets: listOf(isText) })),
  gateways: listOf(isText),
});

const folder = (): string => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'switchback');
const ending = '.json';
const fileOf = (name: string): string => join(folder(), `${name}${ending}`);

/** A folder that cannot be written is no reason for a command to fail. */
export function rememberNames({ name, connections, gateways }: Deployment): void {
  const known: KnownNames = {
    connections: Object.fromEntries(
      Object.values(connections).map((one) => [
        one.name,
        { paths: Object.keys(one.paths), routeSets: [...new Set(Object.values(one.routeSets).map(choiceOf))] },
      ]),
    ),
    gateways: Object.keys(gateways),
  };
  const text = `${JSON.stringify(known)}\n`;
  if (textOf(name) === text) return;
  try {
    mkdirSync(folder(), { recursive: true, mode: 0o700 });
    writeFileSync(fileOf(name), text, { mode: 0o600 });
  } catch {
    // A read-only home: the shell offers no names there.
  }
}

export function knownNames(name: string): KnownNames {
  const known = parsed(isDeploymentName(name) ? textOf(name) : '');
  return isKnownNames(known) ? known : { connections: {}, gateways: [] };
}

export function knownDeployments(): string[] {
  try {
    const files = readdirSync(folder()).filter((file) => file.endsWith(ending));
    return files.map((file) => file.slice(0, -ending.length)).filter(isDeploymentName);
  } catch {
    return [];
  }
}

function textOf(name: string): string {
  try {
    return readFileSync(fileOf(name), 'utf8');
  } catch {
    return '';
  }
}
