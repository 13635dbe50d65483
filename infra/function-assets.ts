/**
 * A function's asset: its prebuilt bundle, and beside it `switchback.json`, the deployment it serves. Configuration
 * travels with the code, so no function ever fetches any on the way to a decision.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Deployment } from '../core/words/domain';
import type { FunctionName } from './function-names';

export class FunctionAssets {
  private readonly staged: string[] = [];
  private readonly codes = new Map<FunctionName, lambda.Code>();

  constructor(
    private readonly directory: string,
    private readonly deployment: Deployment,
  ) {}

  /** All functions of one name (every canary) share one asset. */
  code(name: FunctionName): lambda.Code {
    const known = this.codes.get(name);
    if (known !== undefined) return known;
    const bundle = join(this.directory, name, 'index.mjs');
    if (!existsSync(bundle)) throw new Error(`${bundle} does not exist: run "npm run build" first`);
    const staging = mkdtempSync(join(tmpdir(), `switchback-${name}-`));
    this.staged.push(staging);
    copyFileSync(bundle, join(staging, 'index.mjs'));
    // Who is told, and the like, is no function's business, and a mail address none of the bundle's.
    const { installation: _, ...served } = this.deployment;
    writeFileSync(join(staging, 'switchback.json'), JSON.stringify(served));
    const code = lambda.Code.fromAsset(staging);
    this.codes.set(name, code);
    return code;
  }

  /** The CDK has copied what it needs into the assembly by the time the functions exist. */
  discard(): void {
    for (const directory of this.staged) rmSync(directory, { recursive: true, force: true });
  }
}
