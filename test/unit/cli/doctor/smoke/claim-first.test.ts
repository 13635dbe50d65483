/** What `smoke` starts begins with its claim; what does not is not started. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { claimFault } from '../../../../../cli/doctor/smoke/claim-first';
import { rungSpecs } from '../../../../../core/gateways/kinds';

const rungs = Object.keys(rungSpecs);
interface Document {
  readonly mainSteps: readonly Record<string, unknown>[];
}
const documentOf = (rung: string): Document => parse(readFileSync(`runbooks/${rung}.yaml`, 'utf8')) as Document;

it.each(rungs)('%s begins with its claim, and ends where that fails', (rung) => {
  expect(claimFault(documentOf(rung))).toBeNull();
});

const reboot = documentOf('reboot');
const [claim, ...others] = reboot.mainSteps;
const claiming = (changed: object): Document => ({ mainSteps: [{ ...claim, ...changed }, ...others] });
const inputs = claim!['inputs'] as object;

it.each<[string, unknown, RegExp]>([
  ['another step before it', { mainSteps: [...others, claim] }, /^its first step is /],
  ['no steps', {}, /^it has no steps$/],
  ['no document', undefined, /^it has no steps$/],
  ['a way on', claiming({ onFailure: 'Continue' }), /^it goes on \(Continue\)/],
  ['another way on', claiming({ onFailure: 'step:reboot' }), /^it goes on/],
  ['a claim that does not count', claiming({ isCritical: false }), /not critical/],
  ['a claim that reads', claiming({ inputs: { ...inputs, Api: 'GetItem' } }), /writes no item/],
  ['no condition', claiming({ inputs: { ...inputs, ConditionExpression: undefined } }), /does not depend on the token/],
  [
    'a weaker condition',
    claiming({ inputs: { ...inputs, ConditionExpression: 'attribute_exists(pk)' } }),
    /does not depend/,
  ],
  [
    'a token of its own',
    claiming({ inputs: { ...inputs, ExpressionAttributeValues: { ':repair': { S: 'x' } } } }),
    /does not depend/,
  ],
])('is not started with %s', (_, document, fault) => {
  expect(claimFault(document)).toMatch(fault);
});
