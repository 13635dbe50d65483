/** Laws about a single write: each sees the one thing it is for, and a write that is all right breaks none. */
import { laws } from '../../../../../core/decide/invariants';
import type { ApplyRequest, StepResult } from '../../../../../core/words/decision';
import type { Mode } from '../../../../../core/words/domain';
import type { CallRecord } from '../../../../../local-cloud/front/front';
import { RouteWriteLaws } from '../../../../../sim/swarm/laws/route-writes';
import { connection, deployment, moveDecision, t0 } from '../../../../given';
import { beganAgo, FabricatedScene, type Given, imageOf, type Plain } from './scene';

const decision = moveDecision({ planDigest: '0123456789abcdef', decidedAt: t0 - 2_000 });
const story = `connection#paris story#${new Date(decision.decidedAt).toISOString()}#0123456789ab#before`;
const lease = { holder: 'arn:run-1', token: 7 };
const reported = (verdict: string, reportedAt: number): Plain => ({ verdict, reportedAt });

/** `office` in rtb-1 goes from a to b, as it should, but for what is given. */
interface Write extends Omit<Given, 'items'> {
  readonly mode?: Mode;
  readonly request?: Partial<ApplyRequest> | null;
  /** Null: there was none. */
  readonly from?: string | null;
  readonly propagated?: boolean;
  readonly to?: string;
  readonly destination?: string;
  readonly by?: string;
  readonly worked?: readonly string[];
  readonly passed?: readonly string[];
  readonly items?: Readonly<Record<string, Plain>>;
}

function brokenBy(write: Write): string[] {
  const { mode = 'repair', request = {}, from = 'eni-gw-a', to = 'eni-gw-b', destination = '172.16.0.0/16' } = write;
  const { by = 'switchback-FunctionsApply1', worked = [], passed = ['b'], propagated = false } = write;
  const { office } = connection().routeSets;
  const given = new FabricatedScene({
    ...write,
    deployment: deployment(connection({ mode, routeSets: { office: { ...office!, propagated } } })),
    items: {
      'connection#paris lease': lease,
      [story]: { body: '{}' },
      'paris/path-b': reported('healthy', t0 - 3_000),
      ...write.items,
    },
    world: {
      routes: {
        isListed: () => true,
        held: () => ({ id: to }),
        replacedBy: () => (from === null ? null : { id: from }),
      },
      pathTo: (_: string, target: { id: string } | null) =>
        ({ 'eni-gw-a': 'a', 'eni-gw-b': 'b' })[target?.id ?? ''] ?? null,
    },
    truth: {
      workedThroughout: (_: string, path: string) => worked.includes(path),
      passedWithin: (_: string, path: string) => passed.includes(path),
    },
  });
  const law = new RouteWriteLaws(given.scene);
  const asked = { schema: 1, connection: 'paris', lease, decision, memory: '', ...request };
  if (request !== null) law.onInvocation('switchback-FunctionsApply1', 'call-1', JSON.stringify(asked));
  const isList = destination.startsWith('pl-');
  const operation = isList ? 'ModifyTransitGatewayPrefixListReference' : 'ReplaceRoute';
  const input = isList
    ? { TransitGatewayRouteTableId: 'rtb-1', PrefixListId: destination, TransitGatewayAttachmentId: to }
    : { RouteTableId: 'rtb-1', DestinationCidrBlock: destination, NetworkInterfaceId: to };
  law.onLanded({ by, operation, input, invocation: 'call-1' } as unknown as CallRecord);
  return given.broke;
}

const hand = (ms: number) => [{ at: beganAgo(ms), do: 'route_by_hand', table: 'rtb-1', destination: '172.16.0.0/16' }];
/** EC2's answers are this old from a minute ago on. */
const lag = (ms: number) => ({ at: beganAgo(60_000), do: 'describe_lag', ms });
const seenAgo = (ms: number): Write => ({
  from: 'eni-theirs',
  request: { decision: { ...decision, lastSeenAt: t0 - ms } },
});
const trouble = [{ fromMs: 0, untilMs: 3_600_000 }];
const elsewhere = { connection: 'lyon', decision: { ...decision, planDigest: '' } };

it.each<[string, Write, readonly string[]]>([
  ['as decided', {}, []],
  ['in mode observe', { mode: 'observe' }, [laws.observe]],
  ['by somebody who is not apply', { request: null }, [laws.journalled]],
  ['for another connection', { request: elsewhere }, [laws.allowList, laws.leaseLost, laws.journalled]],
  ['to a destination that is none of ours', { destination: '203.0.113.0/24' }, [laws.allowList]],
  ['to a prefix list that is none of ours', { destination: 'pl-0123456789abcdef0' }, [laws.allowList]],
  ['over a route that is somebody else’s', { from: 'eni-theirs' }, [laws.foreignRoutes]],
  ['where a hand has deleted it', { from: null }, [laws.foreignRoutes]],
  ['over a propagated one that was withdrawn', { from: null, propagated: true }, []],
  ['over a propagated one that leads elsewhere', { from: 'vgw-theirs', propagated: true }, [laws.foreignRoutes]],
  ['over one that a hand changed a moment ago', { from: 'eni-theirs', steps: hand(5_000) }, []],
  ['over one that a hand changed long ago', { from: 'eni-theirs', steps: hand(15_000) }, [laws.foreignRoutes]],
  [
    'over one that a hand changed while EC2 was late',
    { from: 'eni-theirs', steps: [lag(10_000), ...hand(15_000)] },
    [],
  ],
  [
    'over one that a hand changed before EC2 was late',
    { from: 'eni-theirs', steps: [lag(10_000), ...hand(25_000)] },
    [laws.foreignRoutes],
  ],
  ['over one that a hand changed since EC2 showed it last', { ...seenAgo(20_000), steps: hand(15_000) }, []],
  ['over one that EC2 showed changed', { ...seenAgo(10_000), steps: hand(15_000) }, [laws.foreignRoutes]],
  ['when another run has the lease', { items: { 'connection#paris lease': { ...lease, token: 8 } } }, [laws.leaseLost]],
  ['when nobody has it', { items: { 'connection#paris lease': { token: 7 } } }, [laws.leaseLost]],
  ['without a lease while the table answers', { request: { lease: null } }, [laws.failOpen]],
  ['without a lease while it does not', { request: { lease: null }, troubles: trouble }, []],
  [
    'that no story announced',
    { items: { [story.replace('#before', '#after')]: {} }, request: { decision: { ...decision, decidedAt: t0 } } },
    [laws.journalled],
  ],
  ['to another path than was decided', { to: 'eni-gw-a' }, [laws.journalled]],
  ['off a path that worked, to one that did not', { worked: ['a'], passed: [] }, [laws.proven]],
  ['off a path that worked, to one that did', { worked: ['a'] }, []],
  ['off one dead path to another', { passed: [] }, []],
  [
    'to a path last heard of too long ago',
    { items: { 'paris/path-b': reported('healthy', t0 - 90_000) } },
    [laws.proven],
  ],
  ['to a path reported down', { items: { 'paris/path-b': reported('down', t0 - 20_000) } }, [laws.proven]],
  [
    'there as a last resort',
    {
      items: { 'paris/path-b': reported('down', t0 - 20_000) },
      request: { decision: { ...decision, lastResort: true } },
    },
    [],
  ],
])('a write %s', (_, write, expected) => {
  expect(brokenBy(write)).toEqual(expected);
});

it.each<[string, string | null, readonly object[], readonly string[]]>([
  ['is so', 'eni-gw-b', [], []],
  ['is not so', 'eni-gw-a', [], [laws.journalled]],
  ['is no longer so, by a hand', 'eni-gw-a', hand(5_000), []],
])('what the journal says was done %s', (_, written, steps, expected) => {
  const given = new FabricatedScene({ steps, world: { routes: { written: () => ({ id: written }) } } });
  const step: Partial<StepResult> = { table: 'rtb-1', destination: '172.16.0.0/16', to: 'eni-gw-b', result: 'done' };
  const keys = { pk: { S: 'connection#paris' }, sk: { S: story.replace('#before', '#after') } };
  const newImage = imageOf({ body: JSON.stringify({ steps: [step] }) });
  new RouteWriteLaws(given.scene).onItem({ keys, newImage } as never);
  expect(given.broke).toEqual(expected);
});

describe('a canary’s own table', () => {
  const repin = 'switchback-SwitchbackRepinFunction1';
  it.each([
    [repin, 'rtb-path-a', []],
    [repin, 'rtb-users', [laws.allowList]],
    ['switchback-SwitchbackFunctionsApply1', 'rtb-path-a', [laws.allowList]],
    ['automation', 'rtb-path-a', [laws.allowList]],
  ] as const)('%s writes in %s', (by, table, expected) => {
    const given = new FabricatedScene();
    const input = { RouteTableId: table, DestinationCidrBlock: '203.0.113.0/24', NetworkInterfaceId: 'eni-1' };
    const call = { by, operation: 'ReplaceRoute', input, invocation: '' } as unknown as CallRecord;
    new RouteWriteLaws(given.scene).onLanded(call);
    expect(given.broke).toEqual(expected);
  });
});
