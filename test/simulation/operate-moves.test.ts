/** Commands that move people, against the local cloud: what each changes there, and what it leaves alone. */
import { status } from '../../cli/operate/status';
import { divert, drill, failback, startMaintenance } from '../../cli/operate/verbs';
import { minuteMs } from '../../core/words/time';
import { denied, given, itemOf, lasting, options, quietWorld } from './operate-ground';

it('diverts users and keeps them there until the word', async () => {
  const ground = await quietWorld('pair');
  const { clock } = ground.cloud.world;
  const pathNow = () => ground.cloud.world.pathOf('paris', 'office');
  const diverted = await given(ground, divert('paris', 'office', { ...lasting, for: undefined, to: 'b' }));
  expect(diverted.lines).toEqual([
    'recorded  person/ana diverts office to path b until 2026-01-06T00:01:00Z: new kernel',
  ]);
  expect(await itemOf(ground, 'paris')).toHaveProperty(['divert#office', 'S'], expect.stringContaining('"to":"b"'));
  await clock.runUntil(clock.now() + 10 * minuteMs);
  expect(pathNow()).toBe('b');
  expect(await given(ground, failback('paris', options))).toMatchObject({ code: 0 });
  await clock.runUntil(clock.now() + 2 * minuteMs);
  expect(pathNow()).toBe('a');
  expect(denied(ground)).toEqual([]);
});

it('refuses to divert home, and onto a path that is not there', async () => {
  const ground = await quietWorld('pair');
  expect(await given(ground, divert('paris', undefined, { ...lasting, to: 'a' }))).toMatchObject({
    code: 3,
    lines: [expect.stringMatching(/^refused {3}path a is the home of office/), expect.stringMatching(/^mend/)],
  });
  expect(await given(ground, divert('paris', undefined, { ...lasting, to: 'z' }))).toMatchObject({ code: 2 });
});

it('drills: users go to the standby and home again, and it is measured and remembered', async () => {
  const ground = await quietWorld('pair');
  const { code, lines, json } = await given(ground, drill('paris', { ...options, measure: true }));
  expect({ code, lines }).toEqual({
    code: 0,
    lines: [
      'recorded  person/ana asks for a drill of paris',
      'passed    office on the standby for 5 min; users were dark for 0 ms',
    ],
  });
  expect(json).toMatchObject({ outcome: 'passed', darkMs: 0 });
  expect(ground.cloud.world.pathOf('paris', 'office')).toBe('a');
  const shown = await given(ground, status('paris'));
  expect(shown.lines.join('\n')).toMatch(/drill +passed 2026-01-05T00:01:\d\dZ: office on the standby for 5 min/);
  expect(denied(ground)).toEqual([]);
});

it('refuses a drill while a path is drained', async () => {
  const ground = await quietWorld('pair');
  await given(ground, startMaintenance('paris', 'b', { ...lasting, soft: true }));
  expect(await given(ground, drill('paris', options))).toMatchObject({
    code: 3,
    lines: [
      expect.stringMatching(/^refused {3}(an incident is open: )?path b is drained/),
      expect.stringMatching(/^mend/),
    ],
  });
});
