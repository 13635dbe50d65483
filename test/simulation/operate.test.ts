/**
 * The commands of an operator against the local cloud, by the code that an account meets: each changes what it says it
 * changes, a refusal is seen at once, and nothing is asked that `OperatorPolicy` does not allow.
 */

import type { LocalFooting } from '../../cli/operate/local';
import type { Work } from '../../cli/operate/operate';
import { sessionOn } from '../../cli/operate/session';
import { listMaintenance, listPauses } from '../../cli/operate/standing-orders';
import { acknowledge, failback, finishMaintenance, pause, resume, startMaintenance } from '../../cli/operate/verbs';
import { denied, given, itemOf, lasting, options, quietWorld } from './operate-ground';

it('pauses and resumes, and lists what is paused', async () => {
  const ground = await quietWorld('pair');
  expect((await given(ground, listPauses)).lines).toEqual(['nothing is paused']);
  const paused = await given(ground, pause('paris', lasting));
  expect(paused).toMatchObject({ code: 0, json: { outcome: 'recorded' } });
  expect(paused.lines).toEqual([expect.stringMatching(/^recorded {2}person\/ana pauses paris until .*: new kernel$/)]);
  expect((await itemOf(ground, 'paris')).paused!.S).toContain('new kernel');
  expect((await given(ground, listPauses)).lines).toMatchSnapshot();
  expect(await given(ground, resume('paris', { ...options, as: 'ben' }))).toMatchObject({
    code: 0,
    lines: ['recorded  ben lifts the pause of paris'],
  });
  expect((await itemOf(ground, 'paris')).paused).toBeUndefined();
  expect(denied(ground)).toEqual([]);
});

it('drains a path and gives it back; the second drain, which would strand users, is refused at once', async () => {
  const ground = await quietWorld('pair');
  const standby = { ...lasting, soft: true } as const;
  expect(await given(ground, startMaintenance('paris', 'b', standby))).toMatchObject({ code: 0 });
  expect(Object.keys((await itemOf(ground, 'paris')).drains.M)).toEqual(['b']);
  expect((await given(ground, listMaintenance)).lines).toMatchSnapshot();
  const second = await given(ground, startMaintenance('paris', 'a', lasting));
  expect(second).toMatchObject({ code: 3, json: { outcome: 'refused' } });
  expect(second.lines).toEqual([
    expect.stringMatching(/^refused {3}path a carries office and no other path is proven healthy: path b is drained/),
    expect.stringMatching(/^mend {6}wait until another path is healthy/),
  ]);
  expect(Object.keys((await itemOf(ground, 'paris')).drains.M)).toEqual(['b']);
  expect(await given(ground, finishMaintenance('paris', 'b', options))).toMatchObject({ code: 0 });
  expect((await itemOf(ground, 'paris')).drains.M).toEqual({});
  expect((await given(ground, listMaintenance)).lines).toEqual(['no path is drained']);
});

it('drains a gateway for every connection over it, or for none', async () => {
  const ground = await quietWorld('shared');
  const { deployment } = ground.cloud.world;
  const [gateway] = Object.keys(deployment.gateways);
  const names = Object.keys(deployment.connections);
  expect(names.length).toBeGreaterThan(1);
  const drained = await given(ground, startMaintenance(undefined, undefined, { ...lasting, gateway }));
  expect(drained).toMatchObject({ code: 0 });
  for (const name of names) expect(Object.keys((await itemOf(ground, name)).drains.M)).toHaveLength(1);
  expect(await given(ground, finishMaintenance(undefined, undefined, { ...options, gateway }))).toMatchObject({
    code: 0,
  });
  for (const name of names) expect((await itemOf(ground, name)).drains.M).toEqual({});
  expect(denied(ground)).toEqual([]);
});

it('asks for every connection at once with --all', async () => {
  const ground = await quietWorld('shared');
  const names = Object.keys(ground.cloud.world.deployment.connections);
  const paused = await given(ground, pause(undefined, { ...lasting, all: true }));
  expect(paused.lines).toHaveLength(names.length);
  for (const name of names) expect((await itemOf(ground, name)).paused).toBeDefined();
});

it('acknowledges, and sends home only users who are away', async () => {
  const ground = await quietWorld('pair');
  expect(await given(ground, acknowledge('paris', options))).toMatchObject({ code: 0 });
  expect(Number((await itemOf(ground, 'paris')).acknowledgedAt!.N)).toBeGreaterThan(0);
  expect(await given(ground, failback('paris', options))).toMatchObject({
    code: 3,
    lines: ['refused   office: home already', 'mend      nothing is left to do'],
  });
});

describe('what is wrongly asked', () => {
  let ground: LocalFooting;
  beforeAll(async () => {
    ground = await quietWorld('pair');
  });

  it.each<[string, Work, RegExp]>([
    ['an unknown connection', pause('pariss', lasting), /^connection pariss is unknown: did you mean paris\?$/],
    ['an unknown path', startMaintenance('paris', 'c', lasting), /^path c is unknown/],
    [
      'an unknown gateway',
      startMaintenance(undefined, undefined, { ...lasting, gateway: 'x' }),
      /^gateway x is unknown/,
    ],
    ['no end', pause('paris', { ...options, reason: 'x' }), /^say how long: --for 2h/],
    ['two ends', pause('paris', { ...lasting, until: 'x' }), /^say --for or --until/],
    ['a span without a unit', pause('paris', { ...lasting, for: '2' }), /^'2' is no span: .*such as 30s, 90m/],
    ['an end too far away', pause('paris', { ...lasting, for: '9d' }), /^until: .* is too far away/],
    ['an end without a zone', pause('paris', { ...options, reason: 'x', until: '2026-01-05T06:00' }), /must be a time/],
    ['an empty reason', pause('paris', { ...lasting, reason: ' ' }), /^reason: " " must be why/],
    ['neither one nor all', resume(undefined, options), /^name a connection \(paris\) or --all$/],
    ['a set that is not there', failback('paris', { ...options, set: 'x' }), /^routeSet: "x" must be one of office/],
  ])('is %s: nothing is sent', async (_, work, message) => {
    const before = ground.cloud.stepfunctions.executions.length;
    const { code, lines } = await given(ground, work);
    expect({ code, text: lines.join('\n') }).toEqual({ code: 2, text: expect.stringMatching(message) });
    expect(ground.cloud.stepfunctions.executions.length).toBe(before);
  });
});

it('says that it has no access', async () => {
  const ground = await quietWorld('pair');
  ground.cloud.faults.deny('StartExecution');
  expect(await given(ground, pause('paris', lasting))).toMatchObject({
    code: 4,
    lines: [expect.stringMatching(/^StartExecution on arn:.*not authorized.*attach OperatorPolicy/)],
  });
});

it('says that nothing answers', async () => {
  const ground = await quietWorld('pair');
  const send = async (): Promise<never> => {
    throw Object.assign(new Error('connect ETIMEDOUT'), { name: 'TimeoutError' });
  };
  const cut = { ...ground, aws: { ...ground.aws, sfn: { send } } };
  expect(await given(cut, pause('paris', lasting))).toMatchObject({
    code: 5,
    lines: [expect.stringMatching(/^StartExecution on arn:.*TimeoutError/)],
  });
});

it('does not wait for an answer for ever, and says what may have become of it', async () => {
  const ground = await quietWorld('pair');
  expect(await given(ground, pause('paris', { ...lasting, timeout: 1 }))).toMatchObject({
    code: 5,
    lines: [expect.stringMatching(/^no answer within 1 ms; it may be recorded yet: arn:/)],
  });
});

it('finds no deployment of another name', async () => {
  const ground = await quietWorld('pair');
  const asked = ground.play(() => sessionOn(ground, 'other'));
  // What does not exist is granted to nobody, so IAM speaks first.
  await expect(asked).rejects.toMatchObject({ name: 'AccessDenied' });
});

it('may write nothing but a command', async () => {
  const ground = await quietWorld('pair');
  const [table] = ground.cloud.world.deployment.connections['paris']!.routeSets['office']!.tables;
  const replace = ground.play(() =>
    ground.cloud.front.call({ role: 'person/ana', by: 'ana' }, 'ec2', 'ReplaceRoute', {
      RouteTableId: table,
      DestinationCidrBlock: '192.168.0.0/16',
      NetworkInterfaceId: 'eni-0bbbbbbbbbbbbbbb1',
    }),
  );
  await expect(replace).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
});
