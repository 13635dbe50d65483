/** `validate --live` on the fake account: the file's own words, then what the account says of what it names. */
import { stripVTControlCharacters } from 'node:util';
import { liveOf } from '../../../../cli/doctor/live';
import type { Footing } from '../../../../cli/operate/session';
import { type FakeAccount, goodAccount, groundOf } from './fake-account';

const pair = 'sim/sites/pair.yaml';
const validated = (account: FakeAccount, options: { strict?: true } = {}) =>
  liveOf(pair, options)!.work({
    ...groundOf(account),
    callerArn: async () => 'arn:aws:iam::1:user/ana',
  } as unknown as Footing);

it('asks what the configuration names, and nothing else of the account', async () => {
  const account = goodAccount();
  const outcome = await validated(account);
  expect(outcome).toMatchObject({ code: 0, json: { ok: true, live: { counts: { FAIL: 0, WARN: 0 } } } });
  expect([...new Set(account.asked)].sort()).toEqual([
    'DescribeInstanceInformation',
    'DescribeInstanceStatus',
    'DescribeInstances',
    'DescribeLaunchTemplateVersions',
    'DescribeNetworkInterfaces',
    'DescribeRouteTables',
    'DescribeSecurityGroups',
    'DescribeSubnets',
    'RunInstances',
  ]);
  expect(stripVTControlCharacters(outcome.lines.slice(0, 2).join('\n'))).toMatch(
    /^sim\/sites\/pair.yaml can be deployed: /,
  );
});

it.each([
  ['a subnet that is not there', (a: FakeAccount) => a.subnets.shift(), 1],
  [
    'an interface that checks source and destination',
    (a: FakeAccount) => Object.assign(a.interfaces[0]!, { SourceDestCheck: true }),
    1,
  ],
  ['a security group that is not there', (a: FakeAccount) => a.groups.shift(), 1],
  ['a pin that leads elsewhere', (a: FakeAccount) => a.tables[2]!.Routes!.pop(), 1],
  ['no right to look', (a: FakeAccount) => a.denied.push('DescribeSubnets'), 4],
  ['an agent that is lost, which is only a warning', (a: FakeAccount) => a.agents.pop(), 0],
])('ends as it should with %s', async (_, breaks, code) => {
  const account = goodAccount();
  breaks(account);
  expect((await validated(account)).code).toBe(code);
});

it('counts warnings with --strict', async () => {
  const account = goodAccount();
  account.agents.pop();
  expect((await validated(account, { strict: true })).code).toBe(1);
});

it('asks the account nothing about a file that is refused', () => {
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(liveOf('package.json', {})).toBeNull();
  expect(write).toHaveBeenCalled();
  write.mockRestore();
});
