/**
 * The sizes that are promised fit, and beyond them a named error says so before anything is deployed: rendered,
 * held to the quotas, to CloudFormation's own rules and, where it is installed, to cfn-lint.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import type { Deployment } from '../../core/words/domain';
import { endsElsewhere } from '../../core/words/end-names';
import { EndStack } from '../../infra/ends/end-stack';
import { isNear, measure, QuotasExceeded, render } from '../../infra/fit';
import { SwitchbackStack } from '../../infra/stack';
import { stubFunctions, synthesizeSite } from '../synth/synthesis';
import { errorsOfCfnLint, isCfnLintThere } from './cfn-lint';
import { meshOf, partnersBehindOnePair, replaceablePairs } from './sizes';

const old = process.env['CDK_VALIDATION'];
beforeAll(() => {
  process.env['CDK_VALIDATION'] = 'true';
});
afterAll(() => {
  process.env['CDK_VALIDATION'] = old;
});

const promised: readonly (readonly [title: string, deployment: () => Deployment])[] = [
  ['twelve replaceable pairs', () => replaceablePairs(12)],
  ['twenty-five partners behind one pair', () => partnersBehindOnePair(25)],
  ['twenty-five partners whose canaries share no subnet', () => partnersBehindOnePair(25, 'apart')],
];

describe.each(promised)('%s', (_, deployment) => {
  it('fit, and pass CloudFormation’s own rules', () => {
    const synthesis = synthesizeSite(deployment(), { validate: true });
    expect(Object.keys(synthesis.template['Resources'] as object).length).toBeLessThanOrEqual(500);
  });

  if (isCfnLintThere) {
    it('pass cfn-lint', () => {
      const { region, template, assetsDirectory } = synthesizeSite(deployment());
      const file = join(assetsDirectory, 'for-cfn-lint.json');
      writeFileSync(file, JSON.stringify(template));
      expect(errorsOfCfnLint(file, region)).toEqual([]);
    });
  } else {
    it.skip('!!! NO cfn-lint HERE: not linted (pip install cfn-lint)', () => {});
  }
});

/** The error that a synthesis ends with. */
function refusalOf(synthesize: () => unknown): QuotasExceeded {
  try {
    synthesize();
  } catch (error) {
    if (error instanceof QuotasExceeded) return error;
    throw error;
  }
  throw new Error('it fits');
}

describe.each([
  ['partners behind one pair', (count: number) => partnersBehindOnePair(count)],
  ['replaceable pairs', replaceablePairs],
])('more %s than fit', (_, sized) => {
  it('are refused by name, with the number that would fit: so many do, and one more does not', () => {
    const { message, over } = refusalOf(() => synthesizeSite(sized(60)));
    expect(over.length).toBeGreaterThan(0);
    for (const { kind, count, limit, mend } of over) {
      expect(count).toBeGreaterThan(limit);
      expect(message).toContain(`${kind}`);
      expect(message).toContain(`${count} of ${limit}`);
      expect(message).toContain(mend);
    }
    const fits = Number(/^Of its 60 connections the first (\d+) would fit\./m.exec(message)?.[1]);
    expect(() => synthesizeSite(sized(fits))).not.toThrow();
    expect(() => synthesizeSite(sized(fits + 1))).toThrow(QuotasExceeded);
  });
});

/** The stack of the end alone. */
function synthesizeEnd(deployment: Deployment): void {
  const app = new App();
  const [end] = endsElsewhere(deployment);
  new EndStack(app, { deployment, end: end!, functionsDirectory: stubFunctions() });
  app.synth();
}

it('holds the stack of an end in another account to its quotas, and says how many connections would fit', () => {
  expect(() => synthesizeEnd(meshOf(1))).not.toThrow();
  const { message: said } = refusalOf(() => synthesizeEnd(meshOf(60)));
  const fits = Number(/^Of its 60 connections the first (\d+) would fit\./m.exec(said)?.[1]);
  expect(() => synthesizeEnd(meshOf(fits))).not.toThrow();
  expect(() => synthesizeEnd(meshOf(fits + 1))).toThrow(QuotasExceeded);
});

it('warns from four fifths of a quota, before it is an error', () => {
  const app = new App();
  const deployment = partnersBehindOnePair(32);
  const stack = new SwitchbackStack(app, 'switchback', {
    deployment,
    functionsDirectory: stubFunctions(),
    rehearsal: true,
  });
  const near = measure(render(stack)).filter(isNear);
  expect(near.map(({ kind }) => kind)).toEqual(['resources in the stack']);
  const warning = Match.stringLikeRegexp(`Nearly full. resources in the stack: ${near[0]!.count} of 500`);
  expect(Annotations.fromStack(stack).findWarning('*', warning)).toHaveLength(1);
});
