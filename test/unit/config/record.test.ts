/** The name in DNS that follows a gateway: what is taken, and what is refused, for one reason each. */
import { deploymentFrom } from '../../../config/read';
import { complaints, site } from './site';

// biome-ignore lint/suspicious/noExplicitAny: tests write wrong things into it on purpose.
type Tree = any;

const record = { zone: 'Z0123456789ABCDEFGHIJ', name: 'vpn-a.example.net', ttl: 30 };
const withRecord =
  (change: object = {}, gateway = 'gw-a') =>
  (tree: Tree) => {
    tree.gateways[gateway].record = { ...record, ...change };
  };

function gatewayWith(change: (tree: Tree) => void) {
  const tree = site();
  change(tree);
  const result = deploymentFrom(tree);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join());
  return result.deployment.gateways['gw-a'];
}

it('is taken beside an Elastic IP, and without one', () => {
  const taken = { zoneId: record.zone, name: record.name, ttlSeconds: 30 };
  expect(gatewayWith(withRecord())).toMatchObject({ record: taken, address: { publicIp: '203.0.113.10' } });
  const alone = gatewayWith((tree) => {
    withRecord()(tree);
    delete tree.gateways['gw-a'].address;
  });
  expect(alone).toMatchObject({ record: taken });
  expect(alone).not.toHaveProperty('address');
});

it('is kept for a minute by peers where nothing else is written', () => {
  expect(gatewayWith(withRecord({ ttl: undefined }))).toMatchObject({ record: { ttlSeconds: 60 } });
});

const refused: readonly (readonly [string, (tree: Tree) => void, RegExp])[] = [
  ['a minute and a second', withRecord({ ttl: 61 }), /^gateways\.gw-a\.record\.ttl: must be .* at most 60.*write 60/],
  ['no time at all', withRecord({ ttl: 0 }), /^gateways\.gw-a\.record\.ttl: must be a number of seconds/],
  ['a dot at its end', withRecord({ name: 'vpn-a.example.net.' }), /record\.name: is no full name.*without a dot/],
  ['capital letters', withRecord({ name: 'VPN-a.example.net' }), /record\.name: is no full name.*in small letters/],
  ['a name without a domain', withRecord({ name: 'vpn-a' }), /record\.name: is no full name/],
  ['an address for a name', withRecord({ name: '203.0.113.10' }), /record\.name: is no full name/],
  ['a wildcard', withRecord({ name: '*.example.net' }), /record\.name: is no full name/],
  ['a zone by its name', withRecord({ zone: 'example.net' }), /record\.zone: is no id of a hosted zone: .*Z0123/],
  ['a zone by its path', withRecord({ zone: '/hostedzone/Z012345' }), /record\.zone: is no id of a hosted zone/],
  ['another type', withRecord({ type: 'AAAA' }), /^gateways\.gw-a\.record\.type: /],
  [
    'one name for two gateways',
    (tree) => {
      withRecord()(tree);
      withRecord({ zone: 'Z9' }, 'gw-b')(tree);
    },
    /^gateways\.gw-b\.record\.name: is the name of gw-a too: a name leads to one gateway/,
  ],
  [
    'a gateway without a launch template',
    (tree) => {
      withRecord()(tree);
      delete tree.gateways['gw-a'].launchTemplate;
    },
    /^gateways\.gw-a\.record: follows a gateway that is never replaced \(it has no launchTemplate\)/,
  ],
];

it.each(refused)('refuses %s', (_what, change, said) => {
  expect(complaints(change)).toEqual([expect.stringMatching(said)]);
});
