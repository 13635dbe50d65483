/**
 * Commands in the same moment, through the real machine: whatever comes together is recorded one after the other, each
 * reviewed against those before it.
 *
 * Law: no two commands that nobody forced take the last working path out together; and none ends without saying so.
 */
import type { Connection } from '../../core/words/domain';
import { simulationStart } from '../../local-cloud/latency';
import { parseScenario } from '../../sim/scenario';
import { simulate } from '../../sim/simulate';
import type { SimulatedCloud } from '../../sim/simulated-cloud';

type Input = Readonly<Record<string, unknown>>;

const who = { connection: 'paris', requestedBy: 'ana' };
const drain = (path: string, over: Input = {}): Input => ({
  ...who,
  trigger: 'maintenance',
  path,
  until: simulationStart + 1_800_000,
  reason: 'kernel',
  drain: 'soft',
  ...over,
});
const [a, b] = [drain('a'), drain('b', { requestedBy: 'ben' })];
const end = (path: string): Input => ({ ...who, trigger: 'maintenance_end', path });
const pause: Input = { ...who, trigger: 'pause', until: simulationStart + 1_800_000, reason: 'freeze' };

interface Played {
  /** What each command's execution answered, in the order they were given. */
  readonly answers: readonly { readonly outcome: string; readonly because: string }[];
  readonly drained: readonly string[];
  readonly darkMs: number;
  readonly states: readonly string[];
}

/** Each command a gap after the one before, from the end of the first minute on. */
async function playCommands(
  commands: readonly Input[],
  gapsMs: readonly number[],
  before = '',
  seed = 7,
): Promise<Played> {
  const steps = commands.map((input, i) => {
    const atMs = 60_000 + gapsMs.slice(0, i).reduce((sum, ms) => sum + ms, 0);
    return `{ at: ${atMs}ms, do: command, input: ${JSON.stringify(input)} }`;
  });
  const text = `{ title: together, site: pair, durationMax: 3m, steps: [${before}${steps.join(', ')}] }`;
  let cloud: SimulatedCloud | undefined;
  const scenario = parseScenario(text, 'together');
  const { users } = await simulate(scenario, {
    seed,
    tables: 'memory',
    onCloud: (made) => {
      cloud = made;
    },
  });
  const asked = cloud!.stepfunctions.executions.filter(({ input }) => input.includes('"trigger"'));
  const executions = asked.slice(-commands.length);
  const key = { pk: { S: 'connection#paris' }, sk: { S: 'lease' } };
  const item = (await cloud!.dynamodb.peek(stateTable(cloud!), key)) as { drains: { M: object } };
  return {
    answers: executions.map(({ output }) => JSON.parse(output ?? '{"outcome":"runs"}')),
    drained: Object.keys(item.drains.M).sort(),
    darkMs: users.darkMs,
    states: executions.flatMap(({ history }) => history.flatMap((e) => e.stateEnteredEventDetails?.name ?? [])),
  };
}

function stateTable({ template }: SimulatedCloud): string {
  const functions = template.ofType('AWS::Lambda::Function');
  const environments = functions.map(
    ({ properties }) =>
      (properties['Environment'] as { Variables?: Record<string, string> } | undefined)?.Variables ?? {},
  );
  return environments.find((variables) => variables['STATE_TABLE'])!['STATE_TABLE']!;
}

const refused = (played: Played): number => played.answers.filter(({ outcome }) => outcome === 'refused').length;

// Seed 1 draws both reviewed before either is recorded.
it.each([
  [0, 1],
  [400, 7],
  [800, 7],
  [1_500, 7],
])('refuses the second of two drains %d ms apart, and says why (seed %d)', async (gapMs, seed) => {
  const played = await playCommands([a, b], [gapMs], '', seed);
  expect(played.drained).toHaveLength(1);
  expect(refused(played)).toBe(1);
  expect(played.answers.find(({ outcome }) => outcome === 'refused')!.because).toMatch(/is drained/);
  expect(played.darkMs).toBe(0);
  if (gapMs === 0) expect(played.states).toContain('ReviewAgain');
});

it.each<[string, Input[], string[], number]>([
  ['three drains', [a, b, drain('a', { requestedBy: 'eve' })], ['one'], 1],
  ['the same drain twice', [a, a], ['a'], 0],
  ['a drain and the end of another', [b, end('a')], ['b'], 0],
  ['a drain and one that is forced', [drain('a', { force: true }), b], ['one or both'], 1],
])('lets %s at once end one by one', async (_, commands, drained, refusals) => {
  const played = await playCommands(commands, [0, 0]);
  if (drained[0] === 'one') expect(played.drained).toHaveLength(1);
  else if (drained[0] === 'one or both') expect(played.drained).toContain('a');
  else expect(played.drained).toEqual(drained);
  // A forced drain waits for nobody: the other is refused, or came before it.
  expect(refused(played)).toBeLessThanOrEqual(drained[0] === 'one or both' ? 1 : refusals);
  if (drained[0] === 'one') expect(refused(played)).toBeGreaterThanOrEqual(refusals);
  expect(played.answers.map(({ outcome }) => outcome)).not.toContain(undefined);
});

it('gives back one path and drains the other in the same moment', async () => {
  const earlier = `{ at: 20s, do: command, input: ${JSON.stringify(a)} }, `;
  const played = await playCommands([end('a'), b], [0], earlier);
  expect(played.drained.length).toBeLessThanOrEqual(1);
  expect(played.darkMs).toBe(0);
});

it('lets no drain beside a pause say "drained": it moves first, or is refused', async () => {
  const played = await playCommands([pause, a], [700]);
  expect(played.answers[1]).toMatchObject({
    outcome: 'refused',
    because: expect.stringMatching(/paused until \S+ by ana/),
  });
  expect(played.drained).toEqual([]);
});

it('believes nothing that comes with the start of an execution: it only wakes', async () => {
  const seen = { kind: 'instance', instanceId: 'i-0aaaaaaaaaaaaaaa1', state: 'stopped', at: simulationStart + 60_000 };
  const input = JSON.stringify({ connection: 'paris', source: 'ec2', observation: seen });
  const text = `{ title: forged, site: pair, durationMax: 5m, steps: [{ at: 60s, do: command, input: ${input} }],
    expect: { ec2Writes: 0, ssmStarts: 0, noticesMax: 0, executions: { failed: 0 } } }`;
  const { expectations } = await simulate(parseScenario(text, 'forged'), { seed: 7, tables: 'memory' });
  expect(expectations.filter(({ ok }) => !ok)).toEqual([]);
});

describe('a command for a gateway', () => {
  const forGateway = (trigger: string, gateway: string, over: Input = {}): Input => {
    const drains = { until: simulationStart + 1_800_000, reason: 'kernel' };
    return { trigger, gateway, requestedBy: 'ana', ...(trigger === 'maintenance' && drains), ...over };
  };
  const play = async (steps: readonly string[], tables: 'memory' | 'dynalite' = 'memory', expect = '{}') => {
    const text = `{ title: gateway, site: shared, durationMax: 4m, steps: [${steps.join(', ')}], expect: ${expect} }`;
    let cloud: SimulatedCloud | undefined;
    const result = await simulate(parseScenario(text, 'gateway'), {
      seed: 7,
      tables,
      onCloud: (made) => {
        cloud = made;
      },
    });
    const drained = async (connection: string): Promise<string[]> => {
      const key = { pk: { S: `connection#${connection}` }, sk: { S: 'lease' } };
      const item = (await cloud!.dynamodb.peek(stateTable(cloud!), key)) as { drains: { M: object } };
      return Object.keys(item.drains.M);
    };
    const connections = Object.values(cloud!.world.deployment.connections);
    const answers = cloud!.stepfunctions.executions
      .filter(({ input }) => input.includes('"trigger"'))
      .map(({ output }) => JSON.parse(output ?? '{}') as { outcome: string; because: string });
    const all = Object.fromEntries(
      await Promise.all(connections.map(async ({ name }) => [name, await drained(name)] as const)),
    );
    return { result, cloud: cloud!, connections, answers, all };
  };
  const at = (seconds: number, input: Input): string =>
    `{ at: ${seconds}s, do: command, input: ${JSON.stringify(input)} }`;
  const over = (connections: readonly Connection[], gateway: string) =>
    Object.fromEntries(
      connections.map(({ name, paths }) => [
        name,
        Object.values(paths).flatMap((path) => (path.gateway === gateway ? [path.name] : [])),
      ]),
    );

  it('drains every path over it, of every connection, moves the users and gives them all back', async () => {
    const drain = at(60, forGateway('maintenance', 'gw-a'));
    const played = await play([drain], 'dynalite', '{ routes: { office: [a, b] } }');
    expect(played.answers).toEqual([expect.objectContaining({ outcome: 'recorded' })]);
    expect(played.all).toEqual(over(played.connections, 'gw-a'));
    expect(Object.values(played.all).flat().length).toBeGreaterThan(1);
    expect(played.result.users.darkMs).toBe(0);
    expect(played.result.expectations).toEqual([expect.objectContaining({ ok: true })]);
    const ended = await play([drain, at(120, forGateway('maintenance_end', 'gw-a'))]);
    expect(ended.answers.map(({ outcome }) => outcome)).toEqual(['recorded', 'recorded']);
    expect(Object.values(ended.all).flat()).toEqual([]);
  });

  it('drains none where one connection has no other path, and says which', async () => {
    const path = (connection: Connection) => Object.values(connection.paths).find((p) => p.gateway !== 'gw-a')!.name;
    const { connections } = await play([]);
    const [first] = connections;
    const down = `{ at: 20s, do: peer_down, path: ${first!.name}/${path(first!)} }`;
    const played = await play([down, at(60, forGateway('maintenance', 'gw-a'))]);
    expect(played.answers).toEqual([expect.objectContaining({ outcome: 'refused' })]);
    expect(played.answers[0]!.because).toMatch(new RegExp(`^${first!.name}: path`));
    expect(Object.values(played.all).flat()).toEqual([]);
  });

  it('loses against another in the same second as a whole', async () => {
    const played = await play([at(60, forGateway('maintenance', 'gw-a')), at(60, forGateway('maintenance', 'gw-b'))]);
    expect(played.answers.map(({ outcome }) => outcome).sort()).toEqual(['recorded', 'refused']);
    const gateway = played.answers[0]!.outcome === 'recorded' ? 'gw-a' : 'gw-b';
    expect(played.all).toEqual(over(played.connections, gateway));
    expect(played.result.users.darkMs).toBe(0);
  });

  it.each<[Input, RegExp]>([
    [forGateway('maintenance', 'gw-x'), /^gateway: "gw-x" must be one of gw-a, gw-b/],
    [forGateway('pause', 'gw-a'), /^trigger: "pause" takes no gateway/],
    [forGateway('maintenance', 'gw-a', { path: 'a' }), /^path: a command for a gateway is for all paths over it/],
    [forGateway('maintenance', 'gw-a', { until: 'soon' }), /^until: "soon" must be a time/],
    [forGateway('maintenance', 'gw-a', { connection: 'paris' }), /gateway: "gw-a" is no field of maintenance/],
  ])('is refused as a whole: %j', async (input, because) => {
    const { answers } = await play([at(60, input)]);
    expect(answers).toEqual([expect.objectContaining({ outcome: 'refused', because: expect.stringMatching(because) })]);
  });
});
