/** Breaking the glass and unlocking, against the local cloud: what is off, what is stopped, what is taken over, and by whom. */
import { type LocalFooting, localFooting } from '../../cli/operate/local';
import { stop } from '../../cli/operate/stop';
import { unlock } from '../../cli/operate/unlock';
import { rehearse } from '../../cli/operate/verbs';
import { minuteMs, secondMs } from '../../core/words/time';
import { parseScenario } from '../../sim/scenario';
import { denied, given, itemOf, options, quietWorld } from './operate-ground';

const sure = { ...options, yes: true } as const;

/** Two minutes into what these steps begin. */
const worldOf = (minute: number, steps: string): Promise<LocalFooting> =>
  localFooting(parseScenario(`{ title: t, site: pair, durationMax: 30m, steps: [${steps}] }`, 't'), minute, 7);

const holderOf = async (ground: LocalFooting) =>
  (await itemOf(ground, 'paris')) as unknown as { holder?: { S: string }; token: { N: string } };

const hasRunSince = ({ cloud }: LocalFooting, at: number): boolean =>
  cloud.stepfunctions.executions.some(({ startedAt }) => startedAt > at);

describe('stop --break-glass', () => {
  it('switches off what starts runs, stops what runs, and starts again with --undo', async () => {
    const ground = await worldOf(2.5, '{ at: 2m, do: stop_instance, gateway: gw-a }');
    const { clock } = ground.cloud.world;
    expect(ground.cloud.stepfunctions.running).toBeGreaterThan(0);
    const stopped = await given(ground, stop({ ...sure, breakGlass: true, reason: 'it moves what it must not' }));
    expect(stopped).toMatchObject({ code: 0, json: { outcome: 'stopped' } });
    expect(stopped.lines.join('\n')).toMatchSnapshot();
    expect(ground.cloud.stepfunctions.running).toBe(0);
    const aborted = ground.cloud.stepfunctions.executions.filter(({ error }) => error === 'GlassBroken');
    expect(aborted.map(({ cause }) => cause)).toEqual(['person/ana: it moves what it must not']);
    const stoppedAt = clock.now();
    await clock.runUntil(clock.now() + 5 * minuteMs);
    expect(hasRunSince(ground, stoppedAt)).toBe(false);
    expect(await given(ground, stop({ ...options, undo: true }))).toMatchObject({ code: 0 });
    await clock.runUntil(clock.now() + 2 * minuteMs);
    expect(hasRunSince(ground, stoppedAt)).toBe(true);
    expect(denied(ground)).toEqual([]);
    const glass = ground.cloud.authority.usage().filter(({ role }) => role.includes('with-glass'));
    expect(glass.every(({ allowed }) => allowed)).toBe(true);
  });

  it('keeps a scheduled drill from being held, until --undo', async () => {
    const drills = '{ schedule: "cron(5 0 * * ? *)", timezone: UTC }';
    const scenario = `{ title: t, site: pair, durationMax: 30m, config: { connections: { paris: { drills: ${drills} } } }, steps: [{ at: 1m, do: peer_up, path: b }] }`;
    const ground = await localFooting(parseScenario(scenario, 't'), 2, 7);
    const { clock } = ground.cloud.world;
    const stopped = await given(ground, stop({ ...sure, breakGlass: true }));
    expect(stopped.lines.join('\n')).toMatch(/schedule\s+switchback.paris/);
    const stoppedAt = clock.now();
    await clock.runUntil(stoppedAt + 10 * minuteMs);
    expect(hasRunSince(ground, stoppedAt)).toBe(false);
    expect(await given(ground, stop({ ...options, undo: true }))).toMatchObject({ code: 0 });
    const asked = { role: 'operator', by: 'test' };
    const ask = () => ground.cloud.front.call(asked, 'scheduler', 'GetSchedule', { Name: 'switchback.paris' });
    const schedule = 'cron(5 0 * * ? *)';
    expect(await ground.play(ask)).toMatchObject({ State: 'ENABLED', ScheduleExpression: schedule });
    expect(denied(ground)).toEqual([]);
  });

  it('says which starter could not be switched off, and switches off the others', async () => {
    const ground = await quietWorld('pair');
    ground.cloud.faults.deny('UpdateEventSourceMapping');
    const { code, lines } = await given(ground, stop({ ...sure, breakGlass: true }));
    expect(code).toBe(4);
    expect(lines[0]).not.toContain('stream');
    expect(lines.join('\n')).toMatch(/FAILED {4}stream \S+: [\s\S]*not authorized[\s\S]*\(attach BreakGlassPolicy /);
    const at = ground.cloud.world.clock.now();
    await ground.cloud.world.clock.runUntil(at + 3 * minuteMs);
    expect(hasRunSince(ground, at)).toBe(false);
  });

  it.each<[string, Parameters<typeof stop>[0], RegExp]>([
    ['without saying so', sure, /add --break-glass, or pause --all/],
    ['where nobody can be asked', { ...options, breakGlass: true }, /rules and the stream.*add --yes/],
  ])('does nothing %s', async (_, asked, message) => {
    const ground = await quietWorld('pair');
    expect(await given(ground, stop(asked))).toMatchObject({ code: 2, lines: [expect.stringMatching(message)] });
    const at = ground.cloud.world.clock.now();
    await ground.cloud.world.clock.runUntil(at + 2 * minuteMs);
    expect(ground.cloud.authority.usage().some(({ action }) => action === 'events:DisableRule')).toBe(false);
  });
});

describe('unlock', () => {
  /** A run is ended from outside, and nothing that starts runs is on: nobody takes its lease over before we do. */
  const abandoned = async (): Promise<LocalFooting> => {
    const ground = await worldOf(2.5, '{ at: 2m, do: stop_instance, gateway: gw-a }');
    await given(ground, stop({ ...sure, breakGlass: true }));
    return ground;
  };

  it('asks whose lease it may take, takes it by a run of its own, and the token is one more', async () => {
    const ground = await abandoned();
    const before = await holderOf(ground);
    const asked = await given(ground, unlock('paris', options));
    expect(asked.code).toBe(2);
    expect(asked.lines[0]).toMatch(
      /^the lease of paris is taken from \S+, which has ended; token 1 becomes 2, .*add --yes$/,
    );
    expect(await holderOf(ground)).toEqual(before);
    const { code, lines, json } = await given(ground, unlock('paris', sure));
    expect({ code, lines }).toEqual({
      code: 0,
      lines: [expect.stringMatching(/^unlocked {2}paris: taken from \S+ by\s+unlock-paris-\d+; token 2$/)],
    });
    expect(json).toMatchObject({ from: before.holder!.S, token: 2 });
    expect((await holderOf(ground)).holder!.S).toContain('unlock-paris-');
    expect(denied(ground)).toEqual([]);
  });

  it('is refused while the holder runs', async () => {
    const ground = await worldOf(2.5, '{ at: 2m, do: stop_instance, gateway: gw-a }');
    const before = await holderOf(ground);
    const held = await given(ground, unlock('paris', sure));
    expect(held).toMatchObject({ code: 3, json: { outcome: 'refused' } });
    expect(held.json).toMatchObject({ because: expect.stringMatching(/ holds it and runs \(token 1, renewed until /) });
    expect((await holderOf(ground)).token).toEqual(before.token);
  });

  it('is refused while a write of a run that is gone may be under way', async () => {
    const ground = await abandoned();
    const open = {
      TableName: ground.cloud.template.output('StateTable'),
      Key: { pk: { S: 'connection#paris' }, sk: { S: 'lease' } },
      UpdateExpression: 'SET writeUntil = :at',
      ExpressionAttributeValues: { ':at': { N: String(ground.clock.now() + 10 * secondMs) } },
    };
    await ground.play(() => ground.cloud.front.call({ role: 'operator', by: 'test' }, 'dynamodb', 'UpdateItem', open));
    const { code, json } = await given(ground, unlock('paris', sure));
    expect({ code, json }).toMatchObject({
      code: 3,
      json: { because: expect.stringMatching(/ has ended, and a route write of its may still be under way$/) },
    });
  });

  it('has nothing to do where nobody holds the connection', async () => {
    const ground = await quietWorld('pair');
    expect(await given(ground, unlock('paris', sure))).toMatchObject({
      code: 0,
      lines: ['nobody holds paris: there is nothing to unlock'],
    });
  });
});

it('refuses to rehearse where there is nothing to rehearse', async () => {
  const ground = await quietWorld('pair');
  expect(await given(ground, rehearse('paris', options))).toMatchObject({
    code: 3,
    lines: [expect.stringMatching(/^refused {3}paris has nothing to rehearse/), expect.stringMatching(/^mend/)],
  });
});
