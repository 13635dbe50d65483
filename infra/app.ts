/**
 * `cdk synth`, `cdk deploy`: reads the configuration named by `-c config=…` or SWITCHBACK_CONFIG. Everything else stands
 * in that file: what a command line says once, the next deploy takes away. Needs neither credentials nor a network to
 * synthesize.
 */
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { remarksText } from '../config/problems';
import { ConfigInvalid, readConfig } from '../config/read';
import { addEnds } from './ends/end-stack';
import { addStandby } from './ends/standby-stack';
import { QuotasExceeded } from './fit';
import { addNetworkManager } from './network-events';
import { SwitchbackStack } from './stack';
import { NobodyTold } from './switchback';

/** Were read from the command line once, and are refused there now. */
const moved = {
  emails: 'notify: { emails: [noc@example.com] }',
  boundary: 'permissionsBoundary: NAME',
  reserveConcurrency: 'reserveConcurrency: true',
} as const;

const app = new App();
const file: string =
  app.node.tryGetContext('config') ??
  process.env['SWITCHBACK_CONFIG'] ??
  join(__dirname, '../examples/adopt/switchback.yaml');

try {
  refuseMoved();
  const { deployment, standby, remarks } = readConfig(file);
  // What the deployment itself is warned of, CDK prints (infra/remarks.ts); old names and notes are the file's.
  const ofFile = remarks.filter(({ kind, level }) => kind === 'old-name' || level === 'note');
  if (ofFile.length > 0) console.error(`${file}:\n${remarksText(ofFile)}`);
  const stack = new SwitchbackStack(app, deployment.name, { deployment });
  addEnds(app, stack, deployment);
  if (standby !== undefined) addStandby(app, standby);
  addNetworkManager(app, { deployment });
  app.synth(); // Here, for its errors' sake.
} catch (error) {
  const isOurs = [ConfigInvalid, NobodyTold, QuotasExceeded].some((each) => error instanceof each);
  if (!isOurs || !(error instanceof Error)) throw error;
  console.error(error.message); // The message says it all; a stack trace would bury it.
  process.exit(1);
}

function refuseMoved(): void {
  for (const [flag, field] of Object.entries(moved)) {
    if (app.node.tryGetContext(flag) === undefined) continue;
    console.error(`-c ${flag} is read no more: write "${field}" in ${file}, where the next deploy finds it too`);
    process.exit(1);
  }
}
