/** Writing at two ends: both at once for a rescue, asked first and taken back for what is planned. */
import type { WriteAnswer } from '../../../../adapters/ec2/route-port';
import { placesOf } from '../../../../core/gateways/kinds';
import { buildPlan } from '../../../../core/routes/plan';
import type { PlanStep } from '../../../../core/routes/plane';
import type { RouteFacts } from '../../../../core/words/evidence';
import { writeAtEnds } from '../../../../functions/apply/at-both-ends';
import type { Writes, Written } from '../../../../functions/apply/route-writes';
import { bothOn, endsDeployment, endsEvidence, interfaceAt, meshOf } from '../../../given-ends';
import { awsMocks } from '../../adapters/aws-mocks';
import { startAt, VirtualWorld } from '../virtual-world';

const deployment = endsDeployment();
const mesh = meshOf(deployment);
const yes: WriteAnswer = { result: 'accepted', detail: '' };
const no: WriteAnswer = { result: 'denied', detail: 'AccessDenied' };

type EndName = 'frankfurt' | 'ohio';
const endOf = ({ routeSet }: Pick<PlanStep, 'routeSet'>): EndName => routeSet.split('.')[1] as EndName;

interface Play {
  readonly dryRun?: (step: PlanStep) => WriteAnswer;
  readonly write?: (step: PlanStep, n: number) => WriteAnswer | Promise<WriteAnswer>;
}

/** Moves `all` from a to b, the far end first, in a cloud that answers so. */
async function play(planned: boolean, { dryRun = () => yes, write = () => yes }: Play) {
  const world = new VirtualWorld(awsMocks());
  let routes: readonly RouteFacts[] = bothOn(deployment, 'a');
  const order: string[] = [];
  const moves = (['all.ohio', 'all.frankfurt'] as const).map((routeSet) => ({
    ...{ routeSet, from: ['a'], to: 'b', passed: true },
  }));
  const { steps } = buildPlan(mesh, placesOf(deployment, 'mesh', endsEvidence(deployment)), routes, moves);
  const writes: Writes = {
    ...{ steps, routes, mayGoUnseen: !planned, deadlineAt: startAt + 12_000 },
    reread: async () => routes,
    fence: async () => ({ ok: true }),
    dryRun: async (step) => {
      order.push(`ask ${endOf(step)}`);
      return dryRun(step);
    },
    write: async (step) => {
      order.push(
        `${endOf(step)} ${step.to!.id === interfaceAt(deployment, endOf(step), 'b') ? 'b' : 'a'} at ${world.now() - startAt}`,
      );
      const answer = await write(step, order.length);
      if (answer.result === 'accepted')
        routes = routes.map((one) =>
          one.table === step.table && one.destination === step.destination ? { ...one, target: step.to } : one,
        );
      return answer;
    },
  };
  const written: Written = await world.finish(writeAtEnds(world, writes, mesh, planned));
  const on = (end: EndName): string[] =>
    routes.flatMap(({ routeSet, target }) =>
      routeSet === `all.${end}` ? [target!.id === interfaceAt(deployment, end, 'b') ? 'b' : 'a'] : [],
    );
  return { written, order, results: written.results.map(({ end, result }) => `${end} ${result}`), on };
}

describe('a rescue', () => {
  it('writes both ends at once, and says where each route stands', async () => {
    const { results, order } = await play(false, {});
    expect(order).toEqual(['ohio b at 0', 'ohio b at 0', 'frankfurt b at 0', 'frankfurt b at 0']);
    expect(results).toEqual(['ohio done', 'ohio done', 'frankfurt done', 'frankfurt done']);
  });

  it('moves one end while the other throttles till the time is up', async () => {
    const throttled: WriteAnswer = { result: 'throttled', detail: 'RequestLimitExceeded' };
    const { results, order, on } = await play(false, { write: (step) => (endOf(step) === 'ohio' ? throttled : yes) });
    expect(order.filter((one) => one.startsWith('frankfurt'))).toEqual(['frankfurt b at 0', 'frankfurt b at 0']);
    expect(results).toEqual(['ohio throttled', 'ohio throttled', 'frankfurt done', 'frankfurt done']);
    expect([on('ohio'), on('frankfurt')]).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ]);
  });
});

describe('what is planned', () => {
  it('asks each table of both ends, then moves the far one and then the near one', async () => {
    const { results, order } = await play(true, {});
    expect(order).toEqual([
      ...['ask ohio', 'ask ohio', 'ask frankfurt', 'ask frankfurt'],
      ...['ohio b at 0', 'ohio b at 0', 'frankfurt b at 0', 'frankfurt b at 0'],
    ]);
    expect(new Set(results)).toEqual(new Set(['ohio done', 'frankfurt done']));
  });

  it.each(['frankfurt', 'ohio'] as const)('moves nobody where %s would refuse', async (end) => {
    const { written, order, results } = await play(true, { dryRun: (step) => (endOf(step) === end ? no : yes) });
    expect(order.every((one) => one.startsWith('ask'))).toBe(true);
    expect(results.filter((one) => one === `${end} refused`)).toHaveLength(2);
    expect(results.filter((one) => one.endsWith('waiting'))).toHaveLength(2);
    expect(written.results.find(({ result }) => result === 'refused')!.detail).toBe('asked first: AccessDenied');
    expect(written.sent).toBe(false);
  });

  it('takes the first end back where the second refuses all the same', async () => {
    const { results, on, order } = await play(true, { write: (step) => (endOf(step) === 'frankfurt' ? no : yes) });
    expect([on('ohio'), on('frankfurt')]).toEqual([
      ['a', 'a'],
      ['a', 'a'],
    ]);
    expect(order.slice(-2)).toEqual([expect.stringContaining('ohio a'), expect.stringContaining('ohio a')]);
    expect(results).toEqual(['ohio waiting', 'ohio waiting', 'frankfurt refused', 'frankfurt refused']);
  });

  it('begins nothing at the second end where the first has moved in part, and takes that back', async () => {
    let count = 0;
    const { results, on, order } = await play(true, {
      write: (step) => (endOf(step) === 'ohio' && ++count === 2 ? no : yes),
    });
    expect(on('ohio')).toEqual(['a', 'a']);
    expect(order.some((one) => one.startsWith('frankfurt'))).toBe(false);
    expect(results).toEqual(['ohio waiting', 'ohio refused', 'frankfurt waiting', 'frankfurt waiting']);
  });

  it('goes on where the second end has moved in part: the next look finishes it', async () => {
    let count = 0;
    const { on, results } = await play(true, {
      write: (step) => (endOf(step) === 'frankfurt' && ++count === 2 ? no : yes),
    });
    expect([on('ohio'), on('frankfurt')]).toEqual([
      ['b', 'b'],
      ['b', 'a'],
    ]);
    expect(results).toEqual(['ohio done', 'ohio done', 'frankfurt done', 'frankfurt refused']);
  });

  it('tells what could not be taken back as moved', async () => {
    const { results, on } = await play(true, {
      write: (step) => (endOf(step) === 'frankfurt' || step.to!.id === interfaceAt(deployment, 'ohio', 'a') ? no : yes),
    });
    expect(on('ohio')).toEqual(['b', 'b']);
    expect(results.slice(0, 2)).toEqual(['ohio done', 'ohio done']);
  });
});
