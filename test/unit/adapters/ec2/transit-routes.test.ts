/** Routes of transit gateways' tables: one search for all, what a black hole means, and answers that are only a hint. */
import {
  CreateTransitGatewayPrefixListReferenceCommand,
  CreateTransitGatewayRouteCommand,
  DeleteTransitGatewayPrefixListReferenceCommand,
  DeleteTransitGatewayRouteCommand,
  DescribeRouteTablesCommand,
  GetManagedPrefixListEntriesCommand,
  GetTransitGatewayPrefixListReferencesCommand,
  ModifyTransitGatewayPrefixListReferenceCommand,
  ReplaceTransitGatewayRouteCommand,
  SearchTransitGatewayRoutesCommand,
  type TransitGatewayPrefixListReference,
  type TransitGatewayRoute,
} from '@aws-sdk/client-ec2';
import { routes } from '../../../../adapters/ec2/routes';
import type { PlanStep } from '../../../../core/routes/plane';
import type { Canary, RouteSet } from '../../../../core/words/domain';
import { VirtualWorld } from '../../functions/virtual-world';
import { siteDeployment } from '../../sim/world-fixture';
import { awsError, awsMocks } from '../aws-mocks';

const network = '172.16.0.0/16';
const set = (over: Partial<RouteSet> = {}): RouteSet => ({
  name: 'spokes',
  home: 'a',
  region: 'eu-central-1',
  plane: 'tgw-table',
  propagated: false,
  tables: ['tgw-rtb-1'],
  destinations: [network],
  ...over,
});
const { canaries } = siteDeployment('transit').connections['paris']!;
const pinnedTo = (table: string): Canary[] =>
  canaries.filter(({ watches }) => watches.kind === 'path').map((canary) => ({ ...canary, routeTableId: table }));

const step: PlanStep = {
  routeSet: 'spokes',
  table: 'tgw-rtb-1',
  destination: network,
  kind: 'replace',
  expected: { kind: 'attachment', id: 'tgw-attach-a' },
  to: { kind: 'attachment', id: 'tgw-attach-b' },
};

const route = (
  DestinationCidrBlock: string,
  over: TransitGatewayRoute & { to?: string[] } = {},
): TransitGatewayRoute => {
  const { to = ['tgw-attach-a'], ...rest } = over;
  const TransitGatewayAttachments = to.map((id) => ({ TransitGatewayAttachmentId: id }));
  return { DestinationCidrBlock, Type: 'static', State: 'active', TransitGatewayAttachments, ...rest };
};

const list = 'pl-0123456789abcdef0';
const reference = (over: Partial<TransitGatewayPrefixListReference> = {}): TransitGatewayPrefixListReference => ({
  PrefixListId: list,
  State: 'available',
  Blackhole: false,
  TransitGatewayAttachment: { TransitGatewayAttachmentId: 'tgw-attach-a' },
  ...over,
});
const blockOf = (id: string, over: Parameters<typeof route>[1] = {}): TransitGatewayRoute =>
  route('10.1.0.0/16', { PrefixListId: id, ...over });

function make() {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  const shows = (...Routes: TransitGatewayRoute[]) =>
    mocks.ec2.on(SearchTransitGatewayRoutesCommand).resolves({ Routes, AdditionalRoutesAvailable: false });
  const searches = () => mocks.ec2.commandCalls(SearchTransitGatewayRoutesCommand).map((call) => call.args[0].input);
  return { mocks, world, shows, searches, port: routes(mocks.clients.ec2, world) };
}

describe('read', () => {
  it('asks each table once, for all its destinations and host routes together', async () => {
    const { port, shows, searches } = make();
    shows(route(network), route('172.16.0.21/32'), route('172.16.0.22/32', { to: ['tgw-attach-b'] }));
    const { sets, pins, shadows } = await port.readPinned(
      [set({ tables: ['tgw-rtb-1', 'tgw-rtb-2'], destinations: [network, '10.9.0.0/16'] })],
      pinnedTo('tgw-rtb-1'),
    );
    expect(searches()).toEqual([
      {
        TransitGatewayRouteTableId: 'tgw-rtb-1',
        Filters: [
          {
            Name: 'route-search.exact-match',
            Values: [network, '10.9.0.0/16', '172.16.0.21/32', '172.16.0.22/32'],
          },
        ],
      },
      expect.objectContaining({ TransitGatewayRouteTableId: 'tgw-rtb-2' }),
    ]);
    expect(sets[0]!.map(({ table, target }) => [table, target?.id])).toEqual([
      ['tgw-rtb-1', 'tgw-attach-a'],
      ['tgw-rtb-1', undefined],
      ['tgw-rtb-2', 'tgw-attach-a'],
      ['tgw-rtb-2', undefined],
    ]);
    expect(pins['paris/path-b']).toEqual([
      { address: '172.16.0.22', target: { kind: 'attachment', id: 'tgw-attach-b' } },
    ]);
    expect(shadows).toEqual([[]]);
  });

  it.each<readonly [string, TransitGatewayRoute, object]>([
    [
      'a black hole that names its attachment',
      route(network, { State: 'blackhole' }),
      { state: 'blackhole', target: { id: 'tgw-attach-a' } },
    ],
    ['one that names none', route(network, { State: 'blackhole', to: [] }), { target: { id: 'nothing, on purpose' } }],
    [
      'several attachments at once',
      route(network, { to: ['tgw-attach-a', 'tgw-attach-b'] }),
      { target: { id: 'tgw-attach-a and tgw-attach-b' } },
    ],
    [
      'a write without effect yet',
      route(network, { State: 'pending' }),
      { state: 'pending', target: { id: 'tgw-attach-a' } },
    ],
    ['a route that is being deleted', route(network, { State: 'deleting' }), { target: null }],
    [
      'a propagated route',
      route(network, { Type: 'propagated' }),
      { origin: 'propagated', target: { id: 'tgw-attach-a' } },
    ],
    [
      "a block of a prefix list's reference, which only a route of its own lies over",
      route(network, { PrefixListId: 'pl-0123456789abcdef0' }),
      { origin: 'propagated', target: { id: 'tgw-attach-a' } },
    ],
  ])('reads %s', async (_, shown, facts) => {
    const { port, shows } = make();
    shows(shown);
    expect((await port.read([set()]))[0]).toMatchObject([facts]);
  });

  it('tells "no such route" from "no such table"', async () => {
    const { mocks, port } = make();
    mocks.ec2
      .on(SearchTransitGatewayRoutesCommand)
      .resolves({ Routes: [] })
      .on(SearchTransitGatewayRoutesCommand, { TransitGatewayRouteTableId: 'tgw-rtb-gone' })
      .rejects(awsError('InvalidRouteTableID.NotFound'));
    const [facts] = await port.read([set({ tables: ['tgw-rtb-1', 'tgw-rtb-gone'] })]);
    expect(facts).toEqual([expect.objectContaining({ table: 'tgw-rtb-1', target: null })]);
  });

  it('follows pages, and takes more routes without a page for "could not be read"', async () => {
    const { mocks, port } = make();
    mocks.ec2
      .on(SearchTransitGatewayRoutesCommand)
      .resolvesOnce({ Routes: [route('10.9.0.0/16')], NextToken: 'more', AdditionalRoutesAvailable: true })
      .resolvesOnce({ Routes: [route(network)], AdditionalRoutesAvailable: false })
      .resolves({ Routes: [], AdditionalRoutesAvailable: true });
    const [facts] = await port.read([set({ destinations: [network, '10.9.0.0/16'] })]);
    expect(facts!.map(({ target }) => target?.id)).toEqual(['tgw-attach-a', 'tgw-attach-a']);
    await expect(port.read([set()])).rejects.toMatchObject({ name: 'AwsUnavailable', message: /more routes than/ });
  });

  it('asks in parts where there are more destinations than a filter takes', async () => {
    const { port, shows, searches } = make();
    const destinations = Array.from({ length: 450 }, (_, i) => `10.${Math.floor(i / 256)}.${i % 256}.0/24`);
    shows(...destinations.map((each) => route(each)));
    const [facts] = await port.read([set({ destinations })]);
    expect(facts!.every(({ target }) => target?.id === 'tgw-attach-a')).toBe(true);
    expect(searches().map(({ Filters }) => Filters![0]!.Values!.length)).toEqual([200, 200, 50]);
  });

  it('asks the table itself where a canary has no host route', async () => {
    const { mocks, port } = make();
    mocks.ec2
      .on(SearchTransitGatewayRoutesCommand)
      .resolves({ Routes: [route(network)] })
      .on(SearchTransitGatewayRoutesCommand, {
        Filters: [{ Name: 'route-search.longest-prefix-match', Values: ['172.16.0.22'] }],
      })
      .resolves({ Routes: [] });
    const { pins } = await port.readPinned([], pinnedTo('tgw-rtb-1'));
    expect(pins['paris/path-a']).toEqual([
      { address: '172.16.0.21', target: { kind: 'attachment', id: 'tgw-attach-a' } },
    ]);
    expect(pins['paris/path-b']).toEqual([{ address: '172.16.0.22', target: null }]);
  });

  it('knows nothing of a canary whose table is gone', async () => {
    const { mocks, port } = make();
    mocks.ec2.on(SearchTransitGatewayRoutesCommand).rejects(awsError('InvalidRouteTableID.NotFound'));
    expect((await port.readPinned([], pinnedTo('tgw-rtb-1'))).pins).toEqual({
      'paris/path-a': null,
      'paris/path-b': null,
    });
  });

  it('finds longer routes of others where they are asked for, and leaves out the host routes of canaries', async () => {
    const { port, shows, searches } = make();
    shows(route(network), route('172.16.0.21/32'), route('172.16.9.0/24', { to: ['tgw-attach-x'] }));
    const known = pinnedTo('tgw-rtb-1');
    const { shadows } = await port.readPinned([set()], [], known);
    expect(shadows).toEqual([
      [
        {
          ...{ routeSet: 'spokes', table: 'tgw-rtb-1', destination: '172.16.9.0/24', within: network },
          target: { kind: 'attachment', id: 'tgw-attach-x' },
        },
      ],
    ]);
    expect(searches().map(({ Filters }) => Filters![0]!.Name)).toContain('route-search.subnet-of-match');
    const many = Array.from({ length: 21 }, (_, i) => `tgw-rtb-${i}`);
    expect((await port.readPinned([set({ tables: many })], [], known)).shadows).toEqual([[]]);
  });

  it('picks the calls by the table, and keeps the order of the sets', async () => {
    const { mocks, port, shows } = make();
    shows(route(network));
    mocks.ec2.on(DescribeRouteTablesCommand).resolves({
      RouteTables: [{ RouteTableId: 'rtb-1', Routes: [{ DestinationCidrBlock: network, GatewayId: 'vgw-1' }] }],
    });
    const found = await port.read([
      set(),
      set({ plane: 'vpc-table', tables: ['rtb-1'] }),
      set({ tables: ['tgw-rtb-2'] }),
    ]);
    expect(found.map(([first]) => [first!.table, first!.target?.id])).toEqual([
      ['tgw-rtb-1', 'tgw-attach-a'],
      ['rtb-1', 'vgw-1'],
      ['tgw-rtb-2', 'tgw-attach-a'],
    ]);
  });
});

describe('read of prefix lists', () => {
  /** What the table says of its references, and of the blocks of the list that are routes there. */
  const tell = (references: TransitGatewayPrefixListReference[], ...blocks: TransitGatewayRoute[]) => {
    const made = make();
    made.shows(...blocks);
    made.mocks.ec2
      .on(GetTransitGatewayPrefixListReferencesCommand)
      .resolves({ TransitGatewayPrefixListReferences: references });
    return made;
  };

  it('asks each table once for its references, once for their blocks, and for no block that is a list', async () => {
    const { port, searches, mocks } = tell([reference()], blockOf(list));
    const both = set({ tables: ['tgw-rtb-1'], destinations: [network, list] });
    const { sets } = await port.readPinned([both], [], []);
    const asked = mocks.ec2
      .commandCalls(GetTransitGatewayPrefixListReferencesCommand)
      .map((call) => call.args[0].input);
    expect(asked).toEqual([
      { TransitGatewayRouteTableId: 'tgw-rtb-1', Filters: [{ Name: 'prefix-list-id', Values: [list] }] },
    ]);
    expect(searches().map(({ Filters }) => [Filters![0]!.Name, Filters![0]!.Values])).toEqual(
      expect.arrayContaining([
        ['route-search.exact-match', [network]],
        ['prefix-list-id', [list]],
      ]),
    );
    expect(JSON.stringify(searches())).not.toContain(`"${network}","${list}"`);
    expect(sets[0]!.map(({ destination, target }) => [destination, target?.id])).toEqual([
      [network, undefined],
      [list, 'tgw-attach-a'],
    ]);
  });

  const towardsB = { TransitGatewayAttachment: { TransitGatewayAttachmentId: 'tgw-attach-b' } };
  it.each<readonly [string, TransitGatewayPrefixListReference[], TransitGatewayRoute[], object]>([
    ['one that stands', [reference()], [blockOf(list)], { target: { id: 'tgw-attach-a' }, state: 'active' }],
    ['an empty one', [reference()], [], { target: { id: 'tgw-attach-a' }, state: 'active' }],
    ['a table that does not refer to it', [], [], { target: null, state: 'active', origin: 'static' }],
    ['one that is being deleted', [reference({ State: 'deleting' })], [blockOf(list)], { target: null }],
    [
      'one that drops on purpose: nobody of ours',
      [{ PrefixListId: list, State: 'available', Blackhole: true }],
      [blockOf(list, { State: 'blackhole', to: [] })],
      { target: { id: 'nothing, on purpose' } },
    ],
    [
      'one whose attachment is dead',
      [reference()],
      [blockOf(list, { State: 'blackhole' })],
      { target: { id: 'tgw-attach-a' }, state: 'blackhole' },
    ],
    [
      'one being modified, by where it will lead',
      [reference({ State: 'modifying', ...towardsB })],
      [blockOf(list, { to: ['tgw-attach-b'] })],
      { target: { id: 'tgw-attach-b' }, state: 'pending' },
    ],
    [
      'one being modified away from the dead: the black hole is the other one',
      [reference({ State: 'modifying', ...towardsB })],
      [blockOf(list, { State: 'blackhole' })],
      { target: { id: 'tgw-attach-b' }, state: 'pending' },
    ],
    [
      'one said to stand whose blocks still lead elsewhere',
      [reference(towardsB)],
      [blockOf(list)],
      { target: { id: 'tgw-attach-b' }, state: 'pending' },
    ],
    [
      'one beside blocks of another list',
      [reference()],
      [blockOf('pl-0fffffffffffffff0', { State: 'blackhole' })],
      { target: { id: 'tgw-attach-a' }, state: 'active' },
    ],
  ])('reads %s', async (_, references, blocks, facts) => {
    const { port } = tell(references, ...blocks);
    expect((await port.read([set({ destinations: [list] })]))[0]).toMatchObject([facts]);
  });

  it('looks into a list for routes of their own, and for blocks of other lists; not for its own', async () => {
    const { port, mocks, searches } = tell(
      [reference()],
      blockOf(list),
      route('10.2.0.0/16', { to: ['tgw-attach-x'] }),
      route('10.1.9.0/24', { to: ['tgw-attach-x'], PrefixListId: 'pl-0fffffffffffffff0' }),
      route('10.9.0.0/16', { to: ['tgw-attach-x'] }),
    );
    mocks.ec2
      .on(GetManagedPrefixListEntriesCommand)
      .resolvesOnce({ Entries: [{ Cidr: '10.1.0.0/16' }], NextToken: 'more' })
      .resolves({ Entries: [{ Cidr: '10.2.0.0/16' }] });
    const { shadows } = await port.readPinned([set({ destinations: [list] })], [], []);
    const at = {
      routeSet: 'spokes',
      table: 'tgw-rtb-1',
      within: list,
      target: { kind: 'attachment', id: 'tgw-attach-x' },
    };
    expect(shadows).toEqual([
      [
        { ...at, destination: '10.2.0.0/16' },
        { ...at, destination: '10.1.9.0/24', of: 'pl-0fffffffffffffff0' },
      ],
    ]);
    expect(searches().map(({ Filters }) => Filters![0])).toContainEqual({
      ...{ Name: 'route-search.subnet-of-match', Values: ['10.1.0.0/16', '10.2.0.0/16'] },
    });
  });

  it('reads the routes all the same where a list cannot be looked into, not soon, or is too long', async () => {
    for (const entries of [
      () => Promise.reject(awsError('UnauthorizedOperation')),
      () => new Promise(() => {}),
      async () => ({ Entries: Array.from({ length: 201 }, (_, i) => ({ Cidr: `10.0.${i}.0/24` })) }),
    ]) {
      const { port, mocks, world } = tell([reference()], blockOf(list), route('10.0.0.0/24', { to: ['tgw-attach-x'] }));
      mocks.ec2.on(GetManagedPrefixListEntriesCommand).callsFake(entries);
      const { sets, shadows } = await world.finish(port.readPinned([set({ destinations: [list] })], [], []));
      expect([sets[0]![0]!.target?.id, shadows]).toEqual(['tgw-attach-a', [[]]]);
    }
  });

  it('follows pages of references', async () => {
    const { port, mocks } = tell([]);
    mocks.ec2
      .on(GetTransitGatewayPrefixListReferencesCommand)
      .resolvesOnce({ TransitGatewayPrefixListReferences: [], NextToken: 'more' })
      .resolves({ TransitGatewayPrefixListReferences: [reference()] });
    expect((await port.read([set({ destinations: [list] })]))[0]).toMatchObject([{ target: { id: 'tgw-attach-a' } }]);
  });

  it('tells "no such reference" from "no such table"', async () => {
    const { port, mocks } = tell([]);
    mocks.ec2.on(GetTransitGatewayPrefixListReferencesCommand).rejects(awsError('InvalidRouteTableID.NotFound'));
    expect(await port.read([set({ destinations: [list] })])).toEqual([[]]);
  });
});

describe('write', () => {
  it.each([
    ['create', CreateTransitGatewayRouteCommand, { TransitGatewayAttachmentId: 'tgw-attach-b' }],
    ['replace', ReplaceTransitGatewayRouteCommand, { TransitGatewayAttachmentId: 'tgw-attach-b' }],
    ['delete', DeleteTransitGatewayRouteCommand, {}],
  ] as const)('does a %s by one call', async (kind, command, aimed) => {
    const { mocks, port } = make();
    mocks.ec2.on(command).resolves({});
    expect(await port.write({ ...step, kind, to: kind === 'delete' ? null : step.to })).toEqual({
      result: 'accepted',
      detail: '',
    });
    expect(mocks.ec2.commandCalls(command as never)[0]!.args[0].input).toEqual({
      ...{ TransitGatewayRouteTableId: 'tgw-rtb-1', DestinationCidrBlock: network, ...aimed },
    });
  });

  it.each([
    ['create', CreateTransitGatewayPrefixListReferenceCommand, { TransitGatewayAttachmentId: 'tgw-attach-b' }],
    ['replace', ModifyTransitGatewayPrefixListReferenceCommand, { TransitGatewayAttachmentId: 'tgw-attach-b' }],
    ['delete', DeleteTransitGatewayPrefixListReferenceCommand, {}],
  ] as const)('does a %s of a whole prefix list by one call', async (kind, command, aimed) => {
    const { mocks, port } = make();
    mocks.ec2.on(command).resolves({});
    const whole = { ...step, destination: list };
    expect(await port.write({ ...whole, kind, to: kind === 'delete' ? null : step.to })).toMatchObject({
      result: 'accepted',
    });
    expect(mocks.ec2.commandCalls(command as never)[0]!.args[0].input).toEqual({
      ...{ TransitGatewayRouteTableId: 'tgw-rtb-1', PrefixListId: list, ...aimed },
    });
  });

  it.each([
    ['IncorrectState', 'throttled'],
    ['InvalidPrefixListID.NotFound', 'refused'],
    ['UnauthorizedOperation', 'denied'],
  ])('answers %s for a prefix list as %s, and names the call', async (code, result) => {
    const { mocks, port } = make();
    mocks.ec2.on(ModifyTransitGatewayPrefixListReferenceCommand).rejects(awsError(code));
    expect(await port.write({ ...step, destination: list })).toMatchObject({
      result,
      detail: expect.stringMatching(new RegExp(`ModifyTransitGatewayPrefixListReference.*${code}`)),
    });
  });

  it.each([
    ['IncorrectState', 'throttled'],
    ['RequestLimitExceeded', 'throttled'],
    ['RouteAlreadyExists', 'conflict'],
    ['InvalidRoute.NotFound', 'conflict'],
    ['InvalidTransitGatewayAttachmentID.NotFound', 'refused'],
    ['InvalidRouteTableID.NotFound', 'refused'],
    ['UnauthorizedOperation', 'denied'],
    ['InternalError', 'silent'],
  ])('answers %s as %s', async (code, result) => {
    const { mocks, port } = make();
    mocks.ec2.on(ReplaceTransitGatewayRouteCommand).rejects(awsError(code));
    expect(await port.write(step)).toMatchObject({ result, detail: expect.stringContaining(code) });
  });

  it('leads to attachments only', async () => {
    const to = { kind: 'gateway', id: 'vgw-1' } as const;
    await expect(make().port.write({ ...step, to })).resolves.toMatchObject({
      result: 'refused',
      detail: expect.stringContaining('vgw-1 is no attachment'),
    });
  });
});
