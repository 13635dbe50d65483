/** A secondary private address that follows a gateway: what is taken, and what is refused, for one reason each. */
import { deploymentFrom } from '../../../config/read';
import { isReplaceable } from '../../../core/words/ends';
import { complaints, site } from './site';

// biome-ignore lint/suspicious/noExplicitAny: tests write wrong things into it on purpose.
type Tree = any;

const withSecondary =
  (secondaryAddress = '10.0.1.20', gateway = 'gw-a') =>
  (tree: Tree) => {
    tree.gateways[gateway].secondaryAddress = secondaryAddress;
  };

it('is taken as it stands', () => {
  const tree = site();
  withSecondary()(tree);
  const result = deploymentFrom(tree);
  expect(result.ok && result.deployment.gateways['gw-a']).toMatchObject({
    privateAddress: '10.0.1.10',
    secondaryAddress: '10.0.1.20',
  });
});

it('lets a gateway be replaced that canaries of the other end aim at', () => {
  const replaceable = (name: string): boolean => {
    const result = deploymentFrom(site(name));
    if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join());
    return isReplaceable(result.deployment, 'f-a');
  };
  expect([replaceable('two-ends'), replaceable('two-ends-kept')]).toEqual([false, true]);
});

const refused: readonly (readonly [string, (tree: Tree) => void, RegExp])[] = [
  ['a word', withSecondary('yes'), /^gateways\.gw-a\.secondaryAddress: is no IPv4 address/],
  [
    'the primary one',
    withSecondary('10.0.1.10'),
    /^gateways\.gw-a\.secondaryAddress: is the private address of gw-a too/,
  ],
  [
    "another gateway's primary one",
    withSecondary('10.0.2.10'),
    /^gateways\.(gw-b\.privateAddress: is the private address of gw-a|gw-a\.secondaryAddress: is the private address of gw-b) too/,
  ],
  [
    'one for two gateways',
    (tree) => {
      withSecondary()(tree);
      withSecondary('10.0.1.20', 'gw-b')(tree);
    },
    /^gateways\.gw-b\.secondaryAddress: is the private address of gw-a too: write this gateway's own/,
  ],
  [
    'one that is nowhere',
    withSecondary('127.0.0.1'),
    /^gateways\.gw-a\.secondaryAddress: is .*; write a secondary one/,
  ],
  [
    'a gateway without a launch template',
    (tree) => {
      withSecondary()(tree);
      delete tree.gateways['gw-a'].launchTemplate;
    },
    /^gateways\.gw-a\.secondaryAddress: follows a gateway that is never replaced \(it has no launchTemplate\)/,
  ],
];

it.each(refused)('refuses %s', (_what, change, said) => {
  expect(complaints(change)).toEqual([expect.stringMatching(said)]);
});
