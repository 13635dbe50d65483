/**
 * Tables of transit gateways, with `adapters/ec2/transit-routes.ts` as the subject, and VPN connections. moto shows
 * which routes there are and not where they lead, replaces none, and knows nothing of tunnels: what only the fakes hold
 * is in a suite of its own, and docs/FIDELITY.md says that nobody else has witnessed it.
 */
import {
  DescribeVpnConnectionsCommand,
  GetActiveVpnTunnelStatusCommand,
  GetVpnTunnelReplacementStatusCommand,
  ReplaceVpnTunnelCommand,
} from '@aws-sdk/client-ec2';
import { blocksOf } from '../../adapters/ec2/prefix-lists';
import { routes as routesAdapter } from '../../adapters/ec2/routes';
import type { PlanStep } from '../../core/routes/plane';
import type { RouteSet, RouteTarget } from '../../core/words/domain';
import { vpnAt } from '../../core/words/gateways';
import { absent, type Cloud, listedBlocks, outcomeOf, type Site } from './site';

interface Stage extends Site {
  readonly routes: ReturnType<typeof routesAdapter>;
  readonly set: RouteSet;
  /** First table, first destination, from path a's attachment to path b's. */
  readonly step: PlanStep;
}

async function stage(cloud: Cloud): Promise<Stage> {
  const site = await cloud.site('transit');
  const set = site.deployment.connections['paris']!.routeSets['spokes']!;
  const towards = (gateway: string): RouteTarget => {
    const { endsOn } = vpnAt(site.deployment, gateway);
    return { kind: 'attachment', id: endsOn.kind === 'transit-gateway' ? endsOn.attachmentId : '' };
  };
  const at = { routeSet: set.name, table: set.tables[0]!, destination: set.destinations[0]! };
  const step: PlanStep = { ...at, kind: 'replace', expected: towards('vpn-a'), to: towards('vpn-b') };
  return { ...site, routes: routesAdapter(site.aws.ec2, site.clock), set, step };
}

export function transitContract(cloud: Cloud): void {
  it('reads each route of each table, by one search for all destinations', async () => {
    const { routes, set } = await stage(cloud);
    const [facts] = await routes.read([{ ...set, destinations: [...set.destinations, '198.51.100.0/24'] }]);
    expect(facts!.map(({ table, destination, target }) => [table, destination, target?.kind])).toEqual(
      set.tables.flatMap((table) => [
        [table, set.destinations[0], 'attachment'],
        [table, '198.51.100.0/24', undefined],
      ]),
    );
    expect(facts![0]).toMatchObject({ state: 'active', origin: 'static' });
  });

  it('creates a route and deletes it', async () => {
    const { routes, set, step } = await stage(cloud);
    const create: PlanStep = { ...step, destination: '198.51.100.0/24', kind: 'create', expected: null };
    const isThere = async (): Promise<boolean> => {
      const [facts] = await routes.read([{ ...set, tables: [step.table], destinations: [create.destination] }]);
      return facts![0]!.target !== null;
    };
    expect(await routes.write(create)).toEqual({ result: 'accepted', detail: '' });
    expect(await isThere()).toBe(true);
    expect(await routes.write({ ...create, kind: 'delete', expected: create.to, to: null })).toMatchObject({
      result: 'accepted',
    });
    expect(await isThere()).toBe(false);
  });
}

/** Asked wherever a transit gateway's table refers to a list. */
export function prefixListContract(cloud: Cloud): void {
  it('tells the blocks of a prefix list', async () => {
    const { aws, clock, prefixList } = await cloud.site('transit');
    const blocks = await blocksOf({ ec2: aws.ec2, clock, patience: {} }, prefixList);
    expect(blocks.sort()).toEqual(listedBlocks);
  });
}

/** What moto has no answer to, or another one (differences.ts). */
export function unwitnessedContract(cloud: Cloud): void {
  it('replaces one route and leaves the other table alone', async () => {
    const { routes, set, step } = await stage(cloud);
    expect(await routes.write(step)).toEqual({ result: 'accepted', detail: '' });
    const [facts] = await routes.read([set]);
    expect(facts!.map(({ target }) => target)).toEqual([step.to, step.expected]);
  });

  it('reads where each canary is pinned', async () => {
    const { routes, deployment, step } = await stage(cloud);
    const pinned = deployment.connections['paris']!.canaries.filter(({ watches }) => watches.kind === 'path');
    const { pins } = await routes.readPinned([], pinned);
    expect(pins).toEqual({
      'paris/path-a': [{ address: '172.16.0.21', target: step.expected }],
      'paris/path-b': [{ address: '172.16.0.22', target: step.to }],
    });
  });

  it.each([
    ['replace', { destination: '198.51.100.0/24' }, 'conflict', 'InvalidRoute.NotFound'],
    ['delete', { destination: '198.51.100.0/24' }, 'conflict', 'InvalidRoute.NotFound'],
    ['create', {}, 'conflict', 'RouteAlreadyExists'],
    ['replace', { table: absent.transitTable }, 'refused', 'InvalidRouteTableID.NotFound'],
    [
      'replace',
      { to: { kind: 'attachment', id: absent.attachment } },
      'refused',
      'InvalidTransitGatewayAttachmentID.NotFound',
    ],
  ] as const)('answers %s of %j as %s', async (kind, over, result, code) => {
    const { routes, step } = await stage(cloud);
    const answer = await routes.write({ ...step, kind, ...over });
    expect(answer).toEqual({ result, detail: expect.stringContaining(code) });
  });

  it('makes a reference to a prefix list, moves all its blocks by one call, and takes it away', async () => {
    const { routes, set, step, prefixList, settle } = await stage(cloud);
    const whole: PlanStep = { ...step, destination: prefixList };
    const isThere = async () => {
      const [facts] = await routes.read([{ ...set, tables: [step.table], destinations: [prefixList] }]);
      return facts!.map(({ target, state }) => ({ target, state }));
    };
    expect(await isThere()).toEqual([{ target: null, state: 'active' }]);
    const accepted = { result: 'accepted', detail: '' };
    expect(await routes.write({ ...whole, kind: 'create', expected: null, to: step.expected })).toEqual(accepted);
    await settle();
    expect(await isThere()).toEqual([{ target: step.expected, state: 'active' }]);
    expect(await routes.write(whole)).toEqual(accepted);
    expect(await isThere()).toEqual([{ target: step.to, state: 'pending' }]);
    await settle();
    expect(await isThere()).toEqual([{ target: step.to, state: 'active' }]);
    expect(await routes.write({ ...whole, kind: 'delete', expected: step.to, to: null })).toEqual(accepted);
    expect(await isThere()).toEqual([{ target: null, state: 'active' }]);
  });

  it('reads no facts of a table that is not there', async () => {
    const { routes, set } = await stage(cloud);
    expect(await routes.read([{ ...set, tables: [absent.transitTable] }])).toEqual([[]]);
  });

  it('tells of tunnels, and replaces one', async () => {
    const { aws, deployment } = await stage(cloud);
    const { vpnConnectionId: VpnConnectionId, tunnels } = vpnAt(deployment, 'vpn-a');
    const one = { VpnConnectionId, VpnTunnelOutsideIpAddress: tunnels[0]! };
    const { VpnConnections } = await aws.ec2.send(
      new DescribeVpnConnectionsCommand({ Filters: [{ Name: 'vpn-connection-id', Values: [VpnConnectionId] }] }),
    );
    expect(VpnConnections![0]!.VgwTelemetry!.map(({ OutsideIpAddress }) => OutsideIpAddress).sort()).toEqual(tunnels);
    const { MaintenanceDetails } = await aws.ec2.send(new GetVpnTunnelReplacementStatusCommand(one));
    expect(MaintenanceDetails).toEqual({ PendingMaintenance: 'None' });
    expect(await outcomeOf(aws.ec2.send(new ReplaceVpnTunnelCommand(one)))).toBe('accepted');
    const { ActiveVpnTunnelStatus } = await aws.ec2.send(new GetActiveVpnTunnelStatusCommand(one));
    expect(ActiveVpnTunnelStatus!.ProvisioningStatus).toBe('pending');
  });
}
