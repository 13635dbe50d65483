/**
 * Holds what is rendered to the quotas, while nothing has been deployed yet: an error by name above a limit, a warning
 * from four fifths of it. The error says how many connections would fit, found by rendering fewer of them.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Annotations, App, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Deployment } from '../core/words/domain';
import { gatewaysOf } from '../core/words/ends';
import { replaceableGateways } from './granting/arns';
import type { RenderedTemplate } from './quota-counts';
import { type Quota, quotas } from './quotas';

export interface RenderedSize extends Pick<Quota, 'kind' | 'limit' | 'adjustable' | 'mend'> {
  /** The resource that has most of it; empty: the whole stack. */
  readonly of: string;
  readonly count: number;
}

const nearRatio = 0.8;

export const isOver = ({ count, limit }: RenderedSize): boolean => count > limit;
export const isNear = ({ count, limit }: RenderedSize): boolean => count > nearRatio * limit && count <= limit;

export class QuotasExceeded extends Error {
  override readonly name = 'QuotasExceeded';

  constructor(
    readonly over: readonly RenderedSize[],
    fits: string,
  ) {
    super(
      ['What is to be deployed is more than AWS allows:', ...over.map((each) => `  ${measuredText(each)}`), fits].join(
        '\n',
      ),
    );
  }
}

export function measuredText({ kind, of, count, limit, adjustable, mend }: RenderedSize): string {
  const whose = of === '' ? '' : ` (${of})`;
  return `${kind}${whose}: ${count} of ${limit}${adjustable ? ', which AWS can raise' : ', which AWS does not raise'}. ${mend}`;
}

/** Of every quota the resource that is nearest to it; without those that nothing in the template is counted for. */
export function measure(template: RenderedTemplate): RenderedSize[] {
  return quotas.flatMap(({ count: counts, ...quota }) => {
    const [most] = counts(template).sort((one, other) => other.count - one.count);
    return most === undefined ? [] : [{ ...quota, ...most }];
  });
}

/** What the CDK writes at the end of a synthesis; `Template.fromStack` would synthesize the whole app for it. */
interface Rendering {
  _toCloudFormation(): unknown;
  readonly _suppressTemplateIndentation?: boolean;
}

export function render(stack: Stack): RenderedTemplate {
  const rendering = stack as unknown as Rendering;
  const template = stack.resolve(rendering._toCloudFormation()) as Omit<RenderedTemplate, 'text'>;
  const text = JSON.stringify(template, undefined, rendering._suppressTemplateIndentation === true ? undefined : 1);
  return { ...template, text };
}

/** Puts the same deployment or a smaller one into an empty stack. */
export type Build = (stack: Stack, deployment: Deployment) => void;

export function holdToQuotas(scope: Construct, deployment: Deployment, build: Build): void {
  scope.node.addValidation({
    validate() {
      const all = measure(render(Stack.of(scope)));
      const over = all.filter(isOver);
      if (over.length > 0)
        throw new QuotasExceeded(
          over,
          whatFits(deployment, all, (some) => measure(alone(scope, some, build))),
        );
      for (const near of all.filter(isNear))
        Annotations.of(scope).addWarningV2(`switchback:quota:${near.kind}`, `Nearly full. ${measuredText(near)}`);
      return [];
    },
  });
}

/** Rendered, not synthesized: nothing of it is kept. */
function alone(scope: Construct, deployment: Deployment, build: Build): RenderedTemplate {
  const outdir = mkdtempSync(join(tmpdir(), 'switchback-fit-'));
  try {
    const app = new App({ outdir, context: scope.node.root.node.getAllContext(), analyticsReporting: false });
    const { region, account } = Stack.of(scope);
    const stack = new Stack(app, 'Alone', {
      env: { ...(!Token.isUnresolved(region) && { region }), ...(!Token.isUnresolved(account) && { account }) },
      suppressTemplateIndentation: true,
    });
    build(stack, deployment);
    return render(stack);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** What others have put into the same stack stays; only our own part grows smaller. */
function whatFits(
  deployment: Deployment,
  all: readonly RenderedSize[],
  measureAlone: (deployment: Deployment) => RenderedSize[],
): string {
  const whole = new Map(measureAlone(deployment).map(({ kind, count }) => [kind, count]));
  const others = new Map(all.map(({ kind, of, count }) => [kind, of === '' ? count - (whole.get(kind) ?? 0) : 0]));
  const pressureOf = (some: Deployment): number =>
    Math.max(...measureAlone(some).map(({ kind, count, limit }) => (count + (others.get(kind) ?? 0)) / limit));
  const total = Object.keys(deployment.connections).length;
  const connections = largestThatFits(total, (count) => pressureOf(firstConnections(deployment, count)));
  const lines = [`Of its ${total} connections the first ${connections} would fit.`];
  const replaceable = replaceableGateways(deployment).length;
  if (replaceable > 0 && connections > total / 2 && pressureOf(withReplaceable(deployment, 0)) <= 1) {
    const gateways = largestThatFits(replaceable, (count) => pressureOf(withReplaceable(deployment, count)));
    lines.push(`Or all of them, with a launchTemplate on ${gateways} of its ${replaceable} replaceable gateways.`);
  }
  return lines.join(' ');
}

/** Pressure, the fullest quota's part of its limit, grows with the count; at `tooMany` it is above 1. */
function largestThatFits(tooMany: number, pressureAt: (count: number) => number): number {
  let fits = 0;
  let over = tooMany;
  let guess = tooMany;
  let pressure = pressureAt(tooMany);
  while (over - fits > 1) {
    guess = Math.min(Math.max(Math.floor(guess / pressure), fits + 1), over - 1);
    pressure = pressureAt(guess);
    if (pressure > 1) over = guess;
    else fits = guess;
  }
  return fits;
}

function firstConnections({ connections, gateways, ...rest }: Deployment, count: number): Deployment {
  const some = Object.entries(connections).slice(0, count);
  const used = new Set(some.flatMap(([, connection]) => gatewaysOf(connection)));
  return {
    ...rest,
    connections: Object.fromEntries(some),
    gateways: Object.fromEntries(Object.entries(gateways).filter(([name]) => used.has(name))),
  };
}

/** The first of them go on being replaceable. */
function withReplaceable({ gateways, ...rest }: Deployment, count: number): Deployment {
  let left = count;
  const some = Object.entries(gateways).map(([name, gateway]) => {
    if (gateway.kind !== 'instance') return [name, gateway];
    const { launchTemplate, ...others } = gateway;
    return [name, launchTemplate !== undefined && left-- > 0 ? gateway : others];
  });
  return { ...rest, gateways: Object.fromEntries(some) };
}
