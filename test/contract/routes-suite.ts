/** Route tables: `adapters/ec2/routes.ts` as the subject, every kind of answer it tells apart. */
import { routes as routesAdapter } from '../../adapters/ec2/routes';
import type { PlanStep } from '../../core/routes/plane';
import type { RouteSet } from '../../core/words/domain';
import { instanceAt } from '../../core/words/gateways';
import { absent, type Cloud, type Site, standingSite } from './site';

interface Stage extends Site {
  readonly routes: ReturnType<typeof routesAdapter>;
  readonly set: RouteSet;
  /** First table, first destination, from path a's interface to path b's. */
  readonly step: PlanStep;
}

const stage = (cloud: Cloud): Promise<Stage> => on(cloud.site('routes'));
const unchanged = (cloud: Cloud): Promise<Stage> => on(standingSite(cloud, 'routes'));

async function on(built: Promise<Site>): Promise<Stage> {
  const site = await built;
  const set = site.deployment.connections['paris']!.routeSets['office']!;
  const towards = (gateway: string) =>
    ({ kind: 'network-interface', id: instanceAt(site.deployment, gateway).routeInterfaceId }) as const;
  const step: PlanStep = {
    routeSet: set.name,
    table: set.tables[0]!,
    destination: set.destinations[0]!,
    kind: 'replace',
    expected: towards('gw-a'),
    to: towards('gw-b'),
  };
  return { ...site, routes: routesAdapter(site.aws.ec2, site.clock), set, step };
}

const targetsOf = async ({ routes, set }: Stage): Promise<(string | null | undefined)[]> =>
  (await routes.read([set]))[0]!.map(({ target }) => target?.id ?? null);

export function routesContract(cloud: Cloud): void {
  it('reads each route of each table, as static and active', async () => {
    const { routes, set, step } = await unchanged(cloud);
    const [facts] = await routes.read([set]);
    expect(facts).toEqual(
      set.tables.map((table) => ({
        routeSet: 'office',
        table,
        destination: step.destination,
        target: step.expected,
        state: 'active',
        origin: 'static',
        under: null,
      })),
    );
  });

  it('reads a destination without a route as pointing nowhere, and an unknown table as no facts', async () => {
    const { routes, set } = await unchanged(cloud);
    const elsewhere = { ...set, tables: [absent.table, set.tables[0]!], destinations: ['198.51.100.0/24'] };
    expect(await routes.read([elsewhere])).toEqual([[expect.objectContaining({ table: set.tables[0], target: null })]]);
  });

  it('replaces one route and leaves the other table alone, and back', async () => {
    const at = await stage(cloud);
    const { routes, step } = at;
    expect(await routes.write(step)).toEqual({ result: 'accepted', detail: '' });
    expect(await targetsOf(at)).toEqual([step.to!.id, step.expected!.id]);
    expect(await routes.write({ ...step, expected: step.to, to: step.expected })).toEqual({
      result: 'accepted',
      detail: '',
    });
    expect(await targetsOf(at)).toEqual([step.expected!.id, step.expected!.id]);
  });

  it('creates and deletes a route, IPv4 and IPv6', async () => {
    for (const destination of ['198.51.100.0/24', '2001:db8:1::/48']) {
      const at = await stage(cloud);
      const create: PlanStep = { ...at.step, destination, kind: 'create', expected: null };
      const mine = { ...at, set: { ...at.set, tables: [create.table], destinations: [destination] } };
      expect(await at.routes.write(create)).toMatchObject({ result: 'accepted' });
      expect(await targetsOf(mine)).toEqual([create.to!.id]);
      expect(await at.routes.write({ ...create, kind: 'delete', expected: create.to, to: null })).toMatchObject({
        result: 'accepted',
      });
      expect(await targetsOf(mine)).toEqual([null]);
    }
  });

  it('calls it a conflict, with the code and the words of EC2, when the route to replace is not there', async () => {
    const { routes, step } = await unchanged(cloud);
    expect(await routes.write({ ...step, destination: '198.51.100.0/24' })).toEqual({
      result: 'conflict',
      detail:
        `ReplaceRoute on 198.51.100.0/24 in ${step.table}: InvalidParameterValue: There is no route defined for ` +
        "'198.51.100.0/24' in the route table. Use CreateRoute instead.",
    });
  });

  it('calls it a conflict when the route to delete is not there', async () => {
    const { routes, step } = await unchanged(cloud);
    const answer = await routes.write({ ...step, destination: '198.51.100.0/24', kind: 'delete', to: null });
    expect(answer.result).toBe('conflict');
    expect(answer.detail).toContain('InvalidRoute.NotFound: no route with destination-cidr-block 198.51.100.0/24');
  });

  it('calls it a conflict when the route to create exists already', async () => {
    const { routes, step } = await unchanged(cloud);
    // Towards a gateway: for interfaces moto differs (see the known differences).
    const create: PlanStep = { ...step, kind: 'create', to: { kind: 'gateway', id: 'local' } };
    const answer = await routes.write(create);
    expect([answer.result, answer.detail]).toEqual(['conflict', expect.stringContaining(': RouteAlreadyExists: ')]);
  });

  it.each(['replace', 'create', 'delete'] as const)(
    'is refused by name: %s in a table that is not there',
    async (kind) => {
      const { routes, step } = await unchanged(cloud);
      const lost = { ...step, kind, table: absent.table, ...(kind === 'delete' && { to: null }) };
      const { result, detail } = await routes.write(lost);
      expect(result).toBe('refused');
      expect(detail).toContain(`InvalidRouteTableID.NotFound: The routeTable ID '${absent.table}' does not exist`);
    },
  );

  it.each(['replace', 'create'] as const)(
    'is refused by name: %s towards an interface that is not there',
    async (kind) => {
      const { routes, step } = await unchanged(cloud);
      const destination = kind === 'create' ? '198.51.100.0/24' : step.destination;
      const to = { kind: 'network-interface', id: absent.interface } as const;
      const { result, detail } = await routes.write({ ...step, kind, destination, to });
      expect(result).toBe('refused');
      expect(detail).toContain(
        `InvalidNetworkInterfaceID.NotFound: The networkInterface ID '${absent.interface}' does not exist`,
      );
    },
  );
}
