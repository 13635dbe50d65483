/** What doctor says of the prefix lists that a configuration names. */
import { prefixLists } from '../../../../../cli/doctor/checks/prefix-lists';
import { type FakeAccount, goodAccount, patientIn } from '../fake-account';

const list = 'pl-0123456789abcdef0';

/** The site's one set leads to these; `blocks` are what the list holds, where there is one. */
function account(destinations: readonly string[], blocks?: readonly string[]): FakeAccount {
  const made = goodAccount();
  const paris = made.deployment.connections['paris']!;
  const routeSets = { office: { ...paris.routeSets['office']!, destinations } };
  made.deployment = { ...made.deployment, connections: { paris: { ...paris, routeSets } } };
  if (blocks !== undefined) made.lists[list] = [...blocks];
  return made;
}

const look = (made: FakeAccount) => prefixLists.look(patientIn(made, false) as never, null as never);

it.each([
  ['none is listed', ['172.16.0.0/16'], undefined, 'ok', /none is listed/],
  ['all is well', [list], ['172.16.0.0/16'], 'ok', /1 list, each looked into/],
  ['it is empty', ['172.16.0.0/16', list], [], 'WARN', /it holds no block/],
  ['a canary aims past it', [list], ['10.20.0.0/16'], 'FAIL', /aims at 172.16.0.10, which is in no block of pl-0/],
] as const)('where %s', async (_, destinations, blocks, level, found) => {
  const [first] = await look(account(destinations, blocks));
  expect(first).toMatchObject({ level, found: expect.stringMatching(found) });
});

it("says of a transit gateway's list that is too long to look for what takes blocks out of it", async () => {
  const many = account([list], ['172.16.0.0/16', ...Array.from({ length: 200 }, (_, i) => `10.0.${i}.0/24`)]);
  expect(await look(many)).toMatchObject([{ level: 'ok' }]);
  const paris = many.deployment.connections['paris']!;
  const routeSets = { office: { ...paris.routeSets['office']!, plane: 'tgw-table' as const } };
  many.deployment = { ...many.deployment, connections: { paris: { ...paris, routeSets } } };
  expect(await look(many)).toMatchObject([{ level: 'unknown', found: expect.stringMatching(/it holds 201 blocks/) }]);
});

it('passes none that nobody lets it look into', async () => {
  const shut = account([list], ['172.16.0.0/16']);
  shut.denied.push('GetManagedPrefixListEntries');
  await expect(look(shut)).rejects.toMatchObject({ name: 'AccessDenied' });
});
