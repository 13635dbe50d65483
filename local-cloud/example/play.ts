/** Three hours of a stack that is not ours, in the local cloud: local-cloud/README.md quotes it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { VirtualClock } from '../clock';
import { simulationStart } from '../latency';
import { LocalCloud } from '../local-cloud';

export async function play(hours: number): Promise<LocalCloud> {
  const template = parse(readFileSync(join(__dirname, 'template.yaml'), 'utf8'));
  const assetPath = (key: string): string => join(__dirname, key);
  const clock = new VirtualClock(simulationStart);
  const source = { stackName: 'shop', region: 'eu-west-1', template, assetPath };
  const cloud = new LocalCloud({ source, clock, seed: 1, tables: 'memory' });
  await cloud.open();
  cloud.start();
  await clock.runUntil(simulationStart + hours * 3_600_000);
  return cloud;
}
