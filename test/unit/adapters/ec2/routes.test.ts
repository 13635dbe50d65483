/** Routes read with pages and filters, and one write at a time whose answer is only a hint. */
import {
  CreateRouteCommand,
  DeleteRouteCommand,
  DescribeRouteTablesCommand,
  ReplaceRouteCommand,
} from '@aws-sdk/client-ec2';
import { routes } from '../../../../adapters/ec2/routes';
import type { PlanStep } from '../../../../core/routes/plane';
import type { RouteSet } from '../../../../core/words/domain';
import { VirtualWorld } from '../../functions/virtual-world';
import { awsError, awsMocks } from '../aws-mocks';

const set = (tables: string[], destinations = ['172.16.0.0/16']): RouteSet => ({
  name: 'office',
  home: 'a',
  region: 'eu-central-1',
  plane: 'vpc-table',
  propagated: false,
  tables,
  destinations,
});

const step: PlanStep = {
  routeSet: 'office',
  table: 'rtb-1',
  destination: '172.16.0.0/16',
  kind: 'replace',
  expected: { kind: 'network-interface', id: 'eni-gw-a' },
  to: { kind: 'network-interface', id: 'eni-gw-b' },
};

function make() {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  return { mocks, world, port: routes(mocks.clients.ec2, world) };
}

describe('read', () => {
  it('follows the pages and keeps the order of the configuration', async () => {
    const { mocks, port } = make();
    const table = (RouteTableId: string) => ({
      RouteTableId,
      Routes: [{ DestinationCidrBlock: '172.16.0.0/16', NetworkInterfaceId: `eni-of-${RouteTableId}` }],
    });
    mocks.ec2
      .on(DescribeRouteTablesCommand)
      .resolvesOnce({ RouteTables: [table('rtb-2')], NextToken: 'more' })
      .resolvesOnce({ RouteTables: [table('rtb-1')] });
    const [facts] = await port.read([set(['rtb-1', 'rtb-2'])]);
    expect(facts!.map((f) => f.target?.id)).toEqual(['eni-of-rtb-1', 'eni-of-rtb-2']);
    expect(mocks.ec2.commandCalls(DescribeRouteTablesCommand)[1]!.args[0].input.NextToken).toBe('more');
  });

  it('tells "no such route" from "no such table"', async () => {
    const { mocks, port } = make();
    mocks.ec2.on(DescribeRouteTablesCommand).resolves({ RouteTables: [{ RouteTableId: 'rtb-1', Routes: [] }] });
    const [facts] = await port.read([set(['rtb-1', 'rtb-gone'])]);
    expect(facts).toEqual([expect.objectContaining({ table: 'rtb-1', target: null })]);
  });

  it('takes the static route where a propagated one has the same destination', async () => {
    const { mocks, port } = make();
    mocks.ec2.on(DescribeRouteTablesCommand).resolves({
      RouteTables: [
        {
          RouteTableId: 'rtb-1',
          Routes: [
            { DestinationCidrBlock: '172.16.0.0/16', GatewayId: 'vgw-1', Origin: 'EnableVgwRoutePropagation' },
            { DestinationCidrBlock: '172.16.0.0/16', NetworkInterfaceId: 'eni-gw-b', Origin: 'CreateRoute' },
          ],
        },
      ],
    });
    const [facts] = await port.read([set(['rtb-1'])]);
    expect(facts![0]).toMatchObject({ target: { kind: 'network-interface', id: 'eni-gw-b' }, origin: 'static' });
  });

  it('keeps what is propagated beneath a static route, or is the route itself', async () => {
    const { mocks, port } = make();
    const propagated = {
      DestinationCidrBlock: '172.16.0.0/16',
      GatewayId: 'vgw-1',
      Origin: 'EnableVgwRoutePropagation',
    };
    const over = { DestinationCidrBlock: '172.16.0.0/16', NetworkInterfaceId: 'eni-b', Origin: 'CreateRoute' };
    mocks.ec2.on(DescribeRouteTablesCommand).resolves({
      RouteTables: [
        { RouteTableId: 'rtb-1', Routes: [propagated, over] as never },
        { RouteTableId: 'rtb-2', Routes: [propagated] as never },
        { RouteTableId: 'rtb-3', Routes: [over] as never },
      ],
    });
    const [facts] = await port.read([set(['rtb-1', 'rtb-2', 'rtb-3'])]);
    const vgw = { kind: 'gateway', id: 'vgw-1' };
    expect(facts!.map(({ under }) => under)).toEqual([vgw, vgw, null]);
  });

  it("shows a target of another kind as somebody else's, with its state", async () => {
    const { mocks, port } = make();
    mocks.ec2.on(DescribeRouteTablesCommand).resolves({
      RouteTables: [
        {
          RouteTableId: 'rtb-1',
          Routes: [
            { DestinationPrefixListId: 'pl-1', NatGatewayId: 'nat-1', State: 'blackhole' },
            { DestinationIpv6CidrBlock: 'fd00::/8', TransitGatewayId: 'tgw-1', Origin: 'EnableVgwRoutePropagation' },
          ],
        },
      ],
    });
    const [facts] = await port.read([set(['rtb-1'], ['pl-1', 'fd00::/8'])]);
    expect(facts).toMatchObject([
      { target: { kind: 'gateway', id: 'nat-1' }, state: 'blackhole' },
      { target: { kind: 'transit-gateway', id: 'tgw-1' }, origin: 'propagated' },
    ]);
  });
});

describe('write', () => {
  it('names destination and target as EC2 wants them', async () => {
    const { mocks, port } = make();
    await port.write({ ...step, kind: 'create', destination: 'pl-1' });
    await port.write({ ...step, destination: 'fd00::/8' });
    await port.write({ ...step, kind: 'delete', to: null });
    expect(mocks.ec2.commandCalls(CreateRouteCommand)[0]!.args[0].input).toEqual({
      RouteTableId: 'rtb-1',
      DestinationPrefixListId: 'pl-1',
      NetworkInterfaceId: 'eni-gw-b',
    });
    expect(mocks.ec2.commandCalls(ReplaceRouteCommand)[0]!.args[0].input).toMatchObject({
      DestinationIpv6CidrBlock: 'fd00::/8',
    });
    expect(mocks.ec2.commandCalls(DeleteRouteCommand)[0]!.args[0].input).toEqual({
      RouteTableId: 'rtb-1',
      DestinationCidrBlock: '172.16.0.0/16',
    });
  });

  it.each([
    ['throttled', awsError('RequestLimitExceeded', '', 503)],
    ['denied', awsError('UnauthorizedOperation', '', 403)],
    ['silent', awsError('TimeoutError')],
    [
      'conflict',
      awsError(
        'InvalidParameterValue',
        "There is no route defined for '172.16.0.0/16' in the route table. Use CreateRoute instead.",
      ),
    ],
    ['conflict', awsError('RouteAlreadyExists')],
    ['refused', awsError('InvalidNetworkInterfaceID.NotFound', "The networkInterface ID 'eni-gw-b' does not exist")],
  ])('answers %s after one try, and never throws', async (result, error) => {
    const { mocks, port, world } = make();
    mocks.ec2.on(ReplaceRouteCommand).rejects(error);
    await expect(world.finish(port.write(step))).resolves.toMatchObject({ result });
    expect(mocks.ec2.commandCalls(ReplaceRouteCommand)).toHaveLength(1);
  });

  it('asks whether a write would be allowed, and writes nothing', async () => {
    const { mocks, port, world } = make();
    mocks.ec2.on(ReplaceRouteCommand).rejects(awsError('DryRunOperation', '', 412));
    await expect(world.finish(port.dryRun(step))).resolves.toEqual({ result: 'accepted', detail: '' });
    expect(mocks.ec2.commandCalls(ReplaceRouteCommand)[0]!.args[0].input).toMatchObject({ DryRun: true });
    mocks.ec2.on(ReplaceRouteCommand).rejects(awsError('UnauthorizedOperation', '', 403));
    await expect(world.finish(port.dryRun(step))).resolves.toMatchObject({ result: 'denied' });
    // Answered so to a real write, it would have been one that never was.
    mocks.ec2.on(ReplaceRouteCommand).rejects(awsError('DryRunOperation', '', 412));
    await expect(world.finish(port.write(step))).resolves.not.toMatchObject({ result: 'accepted' });
    expect(mocks.ec2.commandCalls(ReplaceRouteCommand).at(-1)!.args[0].input.DryRun).toBeUndefined();
  });
});
