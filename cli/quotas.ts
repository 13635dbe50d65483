/**
 * `switchback quotas`: how much of what AWS allows a configuration would take, counted in its rendered template. What
 * does not fit is said by `cdk synth` too; this also says how much room there is.
 */
import { App } from 'aws-cdk-lib';
import { readConfigFile } from '../config/read';
import { isNear, isOver, measure, type RenderedSize, render } from '../infra/fit';
import { SwitchbackStack } from '../infra/stack';
import { ensureBundles } from './bundles';
import { jsonLine } from './harmless';

/** 0: it fits. 1: it does not. */
export function quotas({ config, json }: { config: string; json?: true }): number {
  const deployment = readConfigFile(config);
  ensureBundles();
  const stack = new SwitchbackStack(new App({ analyticsReporting: false }), deployment.name, {
    deployment,
    rehearsal: true,
  });
  const all = measure(render(stack)).sort((one, other) => other.count / other.limit - one.count / one.limit);
  const connections = Object.keys(deployment.connections).length;
  process.stdout.write(json ? jsonLine({ config, connections, quotas: all }) : table(all, connections));
  return all.some(isOver) ? 1 : 0;
}

function table(all: readonly RenderedSize[], connections: number): string {
  const rows = all.map((one) => {
    const { kind, of, count, limit, adjustable, mend } = one;
    const full = `${Math.round((100 * count) / limit)} %`;
    const whose = of === '' ? '' : `  ${of}`;
    const line = `${full.padStart(6)}  ${String(count).padStart(9)} of ${String(limit).padEnd(9)} ${adjustable ? 'can be raised' : 'hard         '}  ${kind}${whose}`;
    return isOver(one) || isNear(one)
      ? `${line}\n${' '.repeat(8)}${isOver(one) ? 'TOO MUCH' : 'nearly full'}: ${mend}`
      : line;
  });
  return [`Of what AWS allows, ${connections} connections take:`, '', ...rows, ''].join('\n');
}
