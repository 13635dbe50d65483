/**
 * The region of the one that decides fails, and its standby takes over: two whole deployments in one world, each with its
 * own functions, tables and roles.
 *
 * Law: what the first may write where the standby is, it may write until the fence stands, and nothing afterwards.
 */
import { ensureBundles } from '../../cli/bundles';
import { status } from '../../cli/operate/status';
import { type TakeoverOptions, takeover } from '../../cli/operate/takeover';
import { minuteMs, secondMs } from '../../core/words/time';
import { isThorough } from '../thorough';
import { TwoBrains } from './takeover-ground';

const refusal = { error: 'AccessDenied', status: 403, landed: false } as const;
const usual = { name: 'mesh', at: 0, timeout: 60_000, yes: true, from: 'eu-central-1' } as const;
/** Each service has its own word for it. */
const refusals = ['AccessDeniedException', 'UnauthorizedOperation'];
const slowMs = 6 * minuteMs;
const atOhio = (input: unknown): boolean => JSON.stringify(input).includes('rtb-0e');

/** Plays of minutes beside the one that shows the fence: `npm test` leaves them to CI. */
const itInCi = isThorough ? it : it.skip;

beforeAll(() => ensureBundles());

itInCi('watches and begins nothing before it is let, not even where somebody starts it', async () => {
  const two = await TwoBrains.open();
  const machine = String(two.here.template.output('StateMachineArn'));
  await two.first(false);
  two.cloud.world.hangInstance('o-a');
  const input = JSON.stringify({ connection: 'frankfurt-ohio', source: 'person' });
  void two.here.front.call({ role: 'operator', by: 'test' }, 'stepfunctions', 'StartExecution', {
    ...{ stateMachineArn: machine, input, name: 'by-hand' },
  });
  await two.pass(3 * minuteMs);
  expect(two.here.stepfunctions.executions.map(({ name, status }) => [name, status])).toEqual([['by-hand', 'FAILED']]);
  expect(two.writesOfStandby()).toEqual([]);
  expect(two.routes.after).toEqual(two.routes.before);
});

it('takes over in the middle of a move, and leaves nothing of the first’s to write when it wakes with old keys', async () => {
  const two = await TwoBrains.open();
  // The first has moved frankfurt, and its write at ohio is on a slow way when its region goes silent.
  two.cloud.faults.slowDown('ec2', 'ReplaceRoute', slowMs, atOhio);
  two.cloud.world.hangInstance('o-a');
  const sentAt = two.clock.now();
  await two.pass(10 * secondMs);
  await two.first(false);
  await two.pass(30 * secondMs);
  two.cloud.faults.slowDown('ec2', 'ReplaceRoute', 0, atOhio);
  expect(two.routes.after).toEqual({ 'all.frankfurt': 'b', 'all.ohio': 'a' });

  expect((await two.given(status(undefined))).lines.join(' ')).toMatch(/stands by for mesh and decides\s+nothing/);
  const dry = await two.takeOver({ dryRun: true });
  expect(dry.code).toBe(0);
  expect(dry.lines.join('\n')).toMatchSnapshot('dry run');
  expect(two.fencing()).toEqual([]);

  const taken = await two.takeOver();
  expect(taken.code).toBe(0);
  expect(taken.lines.join('\n').replace(/\d{4}-\d\d-\d\dT[\d:]+Z/, 'THEN')).toMatchSnapshot('taken over');
  const fencedAt = two.clock.now();
  expect(two.writesOfStandby()).toEqual([]);
  await two.pass(3 * minuteMs);
  expect(two.routes.after).toEqual({ 'all.frankfurt': 'b', 'all.ohio': 'b' });
  expect(Number(await two.tokenOfStandby())).toBeGreaterThan(1_700_000_000);

  // What was on its way lands now, under keys that were good when it was sent.
  await two.pass(sentAt + slowMs - two.clock.now());
  const late = two.writesOfFirst(sentAt);
  expect(late.length).toBeGreaterThan(0);
  expect(new Set(late)).toEqual(new Set(['UnauthorizedOperation']));

  // It wakes, its keys still good by its own clock, and wants what it wanted: users off path a.
  await two.first(true);
  await two.pass(5 * minuteMs);
  expect(two.endingsOfFirst(fencedAt)).toEqual(refusals);

  // The three quarters of an hour that follow are played in CI.
  if (!isThorough) return;
  // Past the half-life of its keys it asks for others, and is given none.
  await two.pass(45 * minuteMs);
  expect(two.endingsOfFirst(fencedAt)).toEqual(refusals);
  expect(two.keysOfFirst(fencedAt)).toEqual(['AccessDenied']);
  expect(two.writesOfFirst(fencedAt)).toEqual([]);
  // Half blind it wrote nothing at its own end either: users went to b and home, once, by the standby.
  expect(two.routes.after).toEqual({ 'all.frankfurt': 'a', 'all.ohio': 'a' });
  expect(['all.frankfurt', 'all.ohio'].map((set) => two.routes.sequence(set))).toEqual([
    ['a', 'b', 'a'],
    ['a', 'b', 'a'],
  ]);
});

it('refuses where a part of the fence cannot be put, and takes back the other', async () => {
  const two = await TwoBrains.open();
  two.cloud.faults.failNext({ ...{ service: 'iam', operation: 'UpdateAssumeRolePolicy' }, ...refusal }, 1);
  const refused = await two.takeOver();
  expect(refused).toMatchObject({ code: 4, json: { outcome: 'refused', left: 'as it was' } });
  expect(refused.lines.join('\n')).toMatchSnapshot();
  await two.pass(5 * minuteMs);
  expect(two.runsOfStandby()).toBe(0);
  // Nothing is left of it: the first goes on as ever.
  two.cloud.world.hangInstance('o-a');
  await two.pass(minuteMs);
  expect(two.routes.after).toEqual({ 'all.frankfurt': 'b', 'all.ohio': 'b' });
  expect(two.endingsOfFirst(two.clock.now() - minuteMs)).toEqual(['']);
});

it('says what is left where not even that can be taken back', async () => {
  const two = await TwoBrains.open();
  two.cloud.faults.deny('UpdateAssumeRolePolicy');
  expect(await two.takeOver()).toMatchObject({ code: 4, json: { outcome: 'refused', left: 'fenced in part' } });
  expect(two.runsOfStandby()).toBe(0);
});

itInCi('is finished by the same command where it was left half done, and goes back by --undo', async () => {
  const two = await TwoBrains.open();
  await two.first(false);
  two.cloud.faults.failNext({ ...{ service: 'events', operation: 'EnableRule' }, ...refusal }, 1);
  const half = await two.takeOver();
  expect(half).toMatchObject({ code: 4, json: { outcome: 'failed' } });
  expect(half.lines.join('\n')).toContain('the same command again does what is left');
  const whole = await two.takeOver();
  expect(whole).toMatchObject({ code: 0, json: { outcome: 'taken over' } });
  await two.pass(2 * minuteMs);
  await two.cloud.world.stopInstance('o-a');
  await two.pass(2 * minuteMs);
  expect(two.routes.after).toEqual({ 'all.frankfurt': 'b', 'all.ohio': 'b' });
  await two.pass(25 * minuteMs); // The standby starts the machine, and takes users home.
  expect(two.routes.after).toEqual({ 'all.frankfurt': 'a', 'all.ohio': 'a' });

  await two.first(true);
  expect(await two.takeOver({ undo: true })).toMatchObject({ code: 0, json: { outcome: 'undone' } });
  const undoneAt = two.clock.now();
  await two.pass(2 * minuteMs);
  await two.cloud.world.stopInstance('o-a');
  await two.pass(2 * minuteMs);
  expect(two.routes.after).toEqual({ 'all.frankfurt': 'b', 'all.ohio': 'b' });
  expect(two.writesOfFirst(undoneAt).filter((error) => error === '').length).toBeGreaterThan(0);
  expect(two.writesOfStandby().filter(({ at }) => at > undoneAt)).toEqual([]);
});

it.each<[string, Partial<TakeoverOptions>, string | undefined, RegExp]>([
  [
    'of another region',
    { from: 'eu-west-1' },
    undefined,
    /stands in for mesh of eu-central-1: say --from eu-central-1/,
  ],
  ['of nobody', { from: undefined }, undefined, /say --from eu-central-1, so that it is meant/],
  ['where nobody can be asked', { yes: undefined }, undefined, /nobody is asked here; add --yes/],
  ['of one that is no standby', {}, 'mesh', /mesh is nobody's standby: .* it has one, called mesh-standby/],
])('changes nothing when it is asked %s', async (_, more, name, message) => {
  const two = await TwoBrains.open();
  const asked = name === undefined ? two.takeOver(more) : two.given(takeover({ ...usual, ...more }), name, two.cloud);
  expect(await asked).toMatchObject({ code: 2, lines: [expect.stringMatching(message)] });
  expect(two.fencing()).toEqual([]);
});
