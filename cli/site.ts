/**
 * `switchback site`: writes a `switchback.yaml` from the outputs of a greenfield network stack.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { ConfigInvalid } from '../config/read';
import { siteFromOutputs } from '../config/site-from-outputs';

/** 0: written. A file that would not deploy is not written; its problems are thrown. */
export function writeSite(options: { outputs: string; stack?: string; out: string }): number {
  const { text, read } = siteFromOutputs(JSON.parse(readFileSync(options.outputs, 'utf8')), options.stack);
  if (!read.ok) throw new ConfigInvalid(options.out, read.problems);
  writeFileSync(options.out, text);
  const { connections, gateways } = read.deployment;
  const modes = Object.values(connections).map(({ name, mode }) => `${name} (mode ${mode})`);
  process.stdout.write(
    `${options.out}: gateways ${Object.keys(gateways).join(', ')}; connections ${modes.join(', ')}\n`,
  );
  return 0;
}
