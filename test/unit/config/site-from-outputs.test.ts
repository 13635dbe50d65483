/** What `switchback site` makes of the outputs of a deployment, and what it says of those it cannot use. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OutputsInvalid, siteFromOutputs } from '../../../config/site-from-outputs';
import { instanceAt } from '../../../core/words/gateways';

const shown = JSON.parse(readFileSync(join(__dirname, '../../../examples/greenfield/outputs.json'), 'utf8'));
const stack: Record<string, string> = shown['switchback-network'];

it('puts the pieces together into a configuration that deploys', () => {
  const { read } = siteFromOutputs(shown);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const { gateways, connections } = read.deployment;
  expect(Object.keys(gateways)).toEqual(['gw-a', 'gw-b']);
  expect(instanceAt({ gateways }, 'gw-a').launchTemplate!.version).toBe('1');
  expect(connections['paris']!.canaries.map(({ id }) => id)).toEqual(['paris/path-a', 'paris/path-b', 'paris/service']);
});

it('finds the stack among others, and other outputs beside the pieces', () => {
  const file = { other: { Url: 'x' }, network: { ...stack, VpcId: 'vpc-1' } };
  expect(siteFromOutputs(file).read.ok).toBe(true);
});

it('asks which, where two stacks would do', () => {
  const file = { one: stack, two: stack };
  expect(() => siteFromOutputs(file)).toThrow(/say which with --stack \(one, two\)/);
  expect(siteFromOutputs(file, 'two').text).toContain('from the outputs of stack two');
});

it.each([
  ['no such outputs', { one: { Url: 'x' } }, /No stack here has outputs named Site…; stacks: one/],
  ['nothing', {}, /stacks: none/],
  ['a list', [], /no group of stacks/],
  ['a broken piece', { one: { ...stack, SiteGateway1: '{' } }, /Output SiteGateway1 is no piece/],
  ['a piece that is a list', { one: { ...stack, SiteGateway1: '[]' } }, /Output SiteGateway1 is no piece/],
])('says what is wrong with %s', (_, outputs, message) => {
  expect(() => siteFromOutputs(outputs)).toThrow(OutputsInvalid);
  expect(() => siteFromOutputs(outputs)).toThrow(message);
});

it('names the problems of pieces that do not make a whole', () => {
  const { SiteGateway2: _, ...rest } = stack;
  const { read } = siteFromOutputs({ one: rest });
  expect(read.ok).toBe(false);
  if (!read.ok) expect(read.problems.map(({ path }) => path)).toContain('connections.paris.paths.b.gateway');
});
