/**
 * `cdk synth`, `cdk deploy`: reads the configuration named by `-c config=…` or SWITCHBACK_CONFIG, and notifies the
 * addresses in `-c emails=a@example.com,b@example.com`. `-c boundary=NAME` puts that permissions boundary on every
 * role, `-c reserveConcurrency=true` keeps Lambda concurrency for the failover. Needs neither credentials nor a network
 * to synthesize.
 */
import { join } from 'node:path';
import { App, PermissionsBoundary } from 'aws-cdk-lib';
import { ConfigInvalid, readConfigFile } from '../config/read';
import { SwitchbackStack } from './stack';

const app = new App();
const file: string =
  app.node.tryGetContext('config') ??
  process.env['SWITCHBACK_CONFIG'] ??
  join(__dirname, '../examples/adopt/switchback.yaml');
const boundary: string | undefined = app.node.tryGetContext('boundary');
const emails: string | undefined = app.node.tryGetContext('emails');

try {
  const deployment = readConfigFile(file);
  new SwitchbackStack(app, deployment.name, {
    deployment,
    reserveConcurrency: String(app.node.tryGetContext('reserveConcurrency')) === 'true',
    ...(boundary !== undefined && { permissionsBoundary: PermissionsBoundary.fromName(boundary) }),
    ...(emails !== undefined && { notify: { emails: emails.split(',') } }),
  });
} catch (error) {
  if (!(error instanceof ConfigInvalid)) throw error;
  console.error(error.message); // The list is the message; a stack trace would bury it.
  process.exit(1);
}
