/**
 * The code of a function as deployed: the bundle in its asset directory, and the `switchback.json` beside it.
 *
 * Bundles are ES modules, so they are loaded by Node's own import(); Jest's sandbox has none and is handed one by
 * test/environment.cjs (`importModule`). Module state is shared by all sandboxes of a process: our functions keep theirs
 * in `createHandler`, which every sandbox calls anew.
 * Under Jest the bundle lives in another realm than the local cloud: its `instanceof Error` knows only its own Error,
 * so that constructor comes along and AWS's errors are thrown as its children.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Deployment } from '../../../core/words/domain';
import type { InvocationContext, World } from '../../../functions/world';
import type { JsonObject } from '../../template/json';
import { onceFor } from '../../template/once';
import type { Resource, Template } from '../../template/template';

export interface FunctionCode {
  createHandler(world: World, deployment: Deployment): (event: unknown, context: InvocationContext) => Promise<unknown>;
  readonly deployment: Deployment;
  /** `Error` as the bundle knows it. */
  readonly ErrorClass: ErrorConstructor;
}

type Import = (url: string) => Promise<unknown>;

const importModule: Import = (globalThis as { importModule?: Import }).importModule ?? ((url) => import(url));

const bundles = new Map<string, Promise<unknown>>();

/** Configurations differ in `switchback.json`, not in code: the same bundle is loaded once, wherever it lies. */
async function bundleAt(path: string): Promise<Partial<FunctionCode>> {
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
  const loaded = bundles.get(digest) ?? importModule(pathToFileURL(path).href);
  bundles.set(digest, loaded);
  return (await loaded) as Partial<FunctionCode>;
}

const codesOf = onceFor((template: Template) => onceFor((resource: Resource) => load(resource, template)));

export const loadFunctionCode = (resource: Resource, template: Template): Promise<FunctionCode> =>
  codesOf(template)(resource);

async function load(resource: Resource, template: Template): Promise<FunctionCode> {
  const { S3Key } = (resource.properties['Code'] ?? {}) as JsonObject;
  if (typeof S3Key !== 'string')
    throw new Error(`Function '${resource.logicalId}' has no asset: only Code.S3Key is modelled`);
  const directory = template.source.assetPath(S3Key);
  const [file] = String(resource.properties['Handler']).split('.');
  const module = await bundleAt(join(directory, `${file}.mjs`));
  if (typeof module.createHandler !== 'function') {
    throw new Error(`The bundle of function '${resource.logicalId}' exports no createHandler(world, deployment)`);
  }
  const deployment = JSON.parse(readFileSync(join(directory, 'switchback.json'), 'utf8')) as Deployment;
  const { ErrorClass } = (await importModule('data:text/javascript,export const ErrorClass = Error')) as FunctionCode;
  return { createHandler: module.createHandler, deployment, ErrorClass };
}
