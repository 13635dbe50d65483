/** What an incident cost, by what its runs and repairs used. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { costOf, rungSteps } from '../../../../cli/report/numbers';
import { packagePath } from '../../../../config/package-files';
import { record, source } from './given';

it('counts the steps of each repair as its runbook has them', () => {
  const steps = Object.keys(rungSteps).map((rung) => {
    const { mainSteps } = parse(readFileSync(packagePath(`runbooks/${rung}.yaml`), 'utf8')) as { mainSteps: unknown[] };
    return [rung, mainSteps.length];
  });
  expect(Object.fromEntries(steps)).toEqual(rungSteps);
});

it('prices what the runs used, and leaves out what was not', () => {
  const { lines } = costOf(source);
  expect(lines.map(({ what, quantity, usd }) => [what, quantity, Number(usd.toFixed(7))])).toEqual([
    ['state transitions', '190 transitions', 0.00475],
    ['notices', '1 publish', 0.0000005],
    ['notices, by mail to one address', '1 mail', 0.00002],
    ['steps of repairs, at most', '10 steps', 0.02],
  ]);
  expect(costOf({ ...source, record: { ...record, rungs: [], notices: [] } }).lines).toHaveLength(1);
});
