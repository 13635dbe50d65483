/**
 * The code of a function as deployed: the bundle in its asset directory, and how a handler is made of it.
 *
 * Module state is shared by all sandboxes of a process: what a sandbox keeps for itself is made in `createHandler`, which
 * every sandbox calls anew.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JsonObject } from '../../template/json';
import { onceFor } from '../../template/once';
import type { Resource, Template } from '../../template/template';
import type { Handler, HandlerFactory } from './function-world';

/** A bundle as Lambda would find it. */
interface Bundle {
  readonly exports: Readonly<Record<string, unknown>>;
  /** Of the asset: whatever else lies in it. */
  readonly directory: string;
  /** The export that the template names. */
  readonly handler: string;
}

/** Makes a handler of a bundle; undefined: it has none. */
export type OpenBundle = (bundle: Bundle) => HandlerFactory | undefined;

/**
 * `createHandler(world)`, where the bundle exports it: the function lives on virtual time. Else the handler itself, as
 * Lambda calls it, which is as good while it asks no clock and calls no AWS.
 */
export const openBundle: OpenBundle = ({ exports, handler }) => {
  const { createHandler, [handler]: plain } = exports;
  if (typeof createHandler === 'function') return createHandler as HandlerFactory;
  return typeof plain === 'function' ? () => plain as Handler : undefined;
};

const bundles = new Map<string, Promise<unknown>>();

/** The same bundle is loaded once, wherever it lies. */
async function bundleAt(path: string): Promise<Bundle['exports']> {
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
  const loaded = bundles.get(digest) ?? import(pathToFileURL(path).href);
  bundles.set(digest, loaded);
  return (await loaded) as Bundle['exports'];
}

const codesOf = onceFor((open: OpenBundle) =>
  onceFor((template: Template) => onceFor((resource: Resource) => load(resource, template, open))),
);

export const loadFunctionCode = (resource: Resource, template: Template, open: OpenBundle): Promise<HandlerFactory> =>
  codesOf(open)(template)(resource);

async function load(resource: Resource, template: Template, open: OpenBundle): Promise<HandlerFactory> {
  const { S3Key } = (resource.properties['Code'] ?? {}) as JsonObject;
  if (typeof S3Key !== 'string')
    throw new Error(`Function '${resource.logicalId}' has no asset: only Code.S3Key is modelled`);
  const directory = template.source.assetPath(S3Key);
  const [file, handler = 'handler'] = String(resource.properties['Handler']).split('.');
  const exports = await bundleAt(join(directory, `${file}.mjs`));
  const createHandler = open({ exports, directory, handler });
  if (createHandler === undefined)
    throw new Error(
      `The bundle of function '${resource.logicalId}' exports neither createHandler(world) nor ${handler}(event, context)`,
    );
  return createHandler;
}
