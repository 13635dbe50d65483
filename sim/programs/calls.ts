/**
 * `npm run -s calls -- FILE`: plays every scenario and writes every distinct call it made to AWS into FILE, one JSON
 * object a line (local-cloud/front/distinct-calls.ts says how), for a check against AWS's published service models.
 */
import { writeFileSync } from 'node:fs';
import { ensureBundles } from '../../cli/bundles';
import { DistinctCalls } from '../../local-cloud/front/distinct-calls';
import { playAll } from '../playback';

async function main(file: string | undefined): Promise<number> {
  if (file === undefined) {
    console.error('usage: npm run -s calls -- FILE');
    return 2;
  }
  ensureBundles();
  const calls = new DistinctCalls();
  let scenarios = 0;
  for await (const { cloud } of playAll()) {
    calls.add(cloud.front.calls);
    scenarios++;
  }
  writeFileSync(file, calls.lines.map((line) => `${line}\n`).join(''));
  console.log(`${calls.lines.length} distinct calls of ${scenarios} scenarios written to ${file}`);
  return calls.lines.length > 0 ? 0 : 1;
}

main(process.argv[2]).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  },
);
