/**
 * `switchback quotas`: how much of what AWS allows a configuration would take, counted in its rendered template. What
 * does not fit is said by `cdk synth` too; this also says how much room there is.
 */
import { App, type Stack } from 'aws-cdk-lib';
import { readConfigFile } from '../config/read';
import { addEnds } from '../infra/ends/end-stack';
import { isNear, isOver, measure, type RenderedSize, render } from '../infra/fit';
import { SwitchbackStack } from '../infra/stack';
import { ensureBundles } from './bundles';
import { jsonLine } from './harmless';

/** 0: it fits. 1: it does not. */
export function quotas({ config, json }: { config: string; json?: true }): number {
  const deployment = readConfigFile(config);
  ensureBundles();
  const app = new App({ analyticsReporting: false });
  const stack = new SwitchbackStack(app, deployment.name, { deployment, rehearsal: true });
  const own = sizeOf(stack);
  const ends = addEnds(app, stack, deployment).map(sizeOf);
  const connections = Object.keys(deployment.connections).length;
  process.stdout.write(
    json ? jsonLine({ config, connections, quotas: own.quotas, ends }) : tables([own, ...ends], connections),
  );
  return [own, ...ends].some(({ quotas: all }) => all.some(isOver)) ? 1 : 0;
}

interface StackSize {
  readonly stack: string;
  readonly quotas: readonly RenderedSize[];
}

const sizeOf = (stack: Stack): StackSize => ({
  stack: stack.stackName,
  quotas: measure(render(stack)).sort((a, b) => b.count / b.limit - a.count / a.limit),
});

/** An end in another region or account has a stack of its own, and quotas of its own. */
const tables = (sizes: readonly StackSize[], connections: number): string =>
  sizes
    .map(({ stack, quotas: all }) => {
      const whose = sizes.length === 1 ? `${connections} connections take` : `stack ${stack} takes`;
      return [`Of what AWS allows, ${whose}:`, '', ...all.map(rowText), ''].join('\n');
    })
    .join('\n');

function rowText(one: RenderedSize): string {
  const { kind, of, count, limit, adjustable, mend } = one;
  const full = `${Math.round((100 * count) / limit)} %`;
  const whose = of === '' ? '' : `  ${of}`;
  const line = `${full.padStart(6)}  ${String(count).padStart(9)} of ${String(limit).padEnd(9)} ${adjustable ? 'can be raised' : 'hard         '}  ${kind}${whose}`;
  return isOver(one) || isNear(one)
    ? `${line}\n${' '.repeat(8)}${isOver(one) ? 'TOO MUCH' : 'nearly full'}: ${mend}`
    : line;
}
