/**
 * Every execution recorded on AWS that we have at hand, run through our Step Functions runner and compared event by
 * event. The recordings are not part of this repository: ASL_CASES names their folder, or they lie in
 * `../shared/asl-cases` beside it.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { judge, type RecordedCase, readCases } from './asl-recorded-case';

const folder = process.env['ASL_CASES'] ?? resolve(__dirname, '../../../shared/asl-cases');
const cases = existsSync(folder) ? readCases(folder) : [];
const executions = cases.filter(({ kind }) => kind === 'execution');

if (executions.length === 0) {
  console.warn(`!!! NO RECORDED STEP FUNCTIONS CASES IN ${folder}: the runner is NOT checked against AWS here`);
  it.skip('runs the cases recorded on AWS (set ASL_CASES to their folder)', () => {});
} else {
  describe('executions recorded on AWS', () => {
    it.each(executions.map((recorded) => [recorded.name, recorded] as const))('%s', async (_name, recorded) => {
      const verdict = await judge(recorded);
      expect(verdict.kind === 'failed' ? verdict.difference : undefined).toBeUndefined();
    });

    it('runs most of them, rather than skipping', async () => {
      const verdicts = await Promise.all(executions.map(judge));
      const passed = verdicts.filter(({ kind }) => kind === 'passed');
      expect(passed.length / executions.length).toBeGreaterThan(0.9);
    });
  });

  describe('the comparison', () => {
    const plain = executions.filter(({ services, expectedHistory }) => services?.length === 0 && expectedHistory);

    it.each([
      ['an event that follows from another one', moved],
      ['an event of another type', renamed],
      ['one event more', lengthened],
      ['another output or cause', reworded],
    ])('tells %s', async (_what, spoil) => {
      for (const recorded of plain) expect((await judge(spoil(recorded))).kind).toBe('failed');
    });
  });
}

const withHistory = (recorded: RecordedCase, change: (last: object) => object): RecordedCase => {
  const history = recorded.expectedHistory ?? [];
  return { ...recorded, expectedHistory: [...history.slice(0, -1), change(history.at(-1)!) as (typeof history)[0]] };
};

function moved(recorded: RecordedCase): RecordedCase {
  return withHistory(recorded, (last) => ({ ...last, previousEventId: 1 }));
}

function renamed(recorded: RecordedCase): RecordedCase {
  return withHistory(recorded, (last) => ({ ...last, type: 'ExecutionTimedOut' }));
}

function lengthened(recorded: RecordedCase): RecordedCase {
  const history = recorded.expectedHistory ?? [];
  return { ...recorded, expectedHistory: [...history, { ...history[0]!, id: history.length + 1 }] };
}

function reworded(recorded: RecordedCase): RecordedCase {
  const { expected } = recorded;
  return { ...recorded, expected: { ...expected, output: 'another', cause: 'another' } };
}
