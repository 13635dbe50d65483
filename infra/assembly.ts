/**
 * A cloud assembly on disk, read without CDK: the template, and where each asset lies.
 *
 * An asset is found as CloudFormation finds it, by the S3 key in a function's `Code`; the assembly's assets manifest
 * says which staged directory was uploaded under that key.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Synthesis {
  readonly stackName: string;
  readonly region: string;
  readonly template: Readonly<Record<string, unknown>>;
  /** The cloud assembly. */
  readonly assetsDirectory: string;
  /** The directory staged under this S3 key. */
  assetPath(key: string): string;
  /** Stacks beside it, in other regions or accounts. */
  readonly elsewhere: readonly StackElsewhere[];
}

export interface StackElsewhere extends Pick<Synthesis, 'stackName' | 'region' | 'template' | 'assetPath'> {
  /** Absent: the account of the stack it stands beside. */
  readonly account?: string;
}

interface AssetsManifest {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
}

interface AssemblyManifest {
  readonly artifacts: Readonly<
    Record<
      string,
      {
        readonly type: string;
        /** `aws://account/region` */
        readonly environment?: string;
        readonly properties?: { readonly templateFile?: string; readonly stackName?: string };
      }
    >
  >;
}

/** Of the app's stack of this name; a stack beside it is `elsewhere`. Throws where the directory holds no such assembly. */
export function readAssembly(directory: string, stackName: string): Synthesis {
  const json = (file: string): unknown => JSON.parse(readFileSync(join(directory, file), 'utf8'));
  // Read when first asked for: `PlainSynthesizer` writes no such file, and nobody asks it.
  const assetsOf = (id: string): Synthesis['assetPath'] => {
    let pathOf: ReadonlyMap<string, string> | undefined;
    return (key) => {
      pathOf ??= pathsIn(json(`${id}.assets.json`) as AssetsManifest, directory);
      const path = pathOf.get(key);
      if (path === undefined) throw new Error(`No asset is staged under ${key}`);
      return path;
    };
  };
  const stacks = Object.entries((json('manifest.json') as AssemblyManifest).artifacts)
    .filter(([, { type }]) => type === 'aws:cloudformation:stack')
    .map(([id, { environment = '', properties }]) => {
      const [account = '', region = ''] = environment.split('/').slice(-2);
      return {
        stackName: properties?.stackName ?? id,
        region,
        ...(/^\d+$/.test(account) && { account }),
        template: json(properties!.templateFile!) as StackElsewhere['template'],
        assetPath: assetsOf(id),
      };
    });
  const own = stacks.find((stack) => stack.stackName === stackName);
  if (own === undefined) throw new Error(`${directory} holds no stack ${stackName}`);
  const { region, template, assetPath } = own;
  const elsewhere = stacks.filter((stack) => stack !== own);
  return { stackName, region, template, assetPath, assetsDirectory: directory, elsewhere };
}

function pathsIn({ files }: AssetsManifest, directory: string): ReadonlyMap<string, string> {
  return new Map(
    Object.values(files).flatMap(({ source, destinations }) =>
      Object.values(destinations).map(({ objectKey }) => [objectKey, join(directory, source.path)] as const),
    ),
  );
}
