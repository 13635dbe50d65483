/** A function's clients are as patient as the deployed ones, whatever the cloud makes of their calls. */
import { VirtualClock } from '../../../../../local-cloud/clock';
import { usualPatience } from '../../../../../local-cloud/service';
import { Sandbox } from '../../../../../local-cloud/services/lambda/sandbox';

function sandboxIn(callTakesMs: number) {
  const clock = new VirtualClock(0);
  const landed: number[] = [];
  const sandbox = new Sandbox(
    {
      clock,
      env: {},
      connect: () => ({ answered: false, refused: false, rttMs: 0 }),
      callAws: async () => {
        await clock.sleep(callTakesMs / 2);
        landed.push(clock.now());
        await clock.sleep(callTakesMs / 2);
        return { Return: true };
      },
      patience: usualPatience,
      skewMs: () => 0,
      log: () => {},
      isPowered: () => true,
    },
    (world) => async () => {
      const command = { schema: [9, 'ec2', 'ReplaceRoute'], input: {} };
      const answer = await world.aws.ec2.send(command as never).catch((error: Error) => error.name);
      return { answer, at: world.now() };
    },
  );
  return { clock, landed, sandbox };
}

it.each([
  [3_000, { answer: 'TimeoutError', at: 2_000 }, 1_500],
  [1_998, { answer: { Return: true, $metadata: { httpStatusCode: 200, attempts: 1 } }, at: 1_998 }, 999],
])('answers a call of %i ms as the SDK would', async (takesMs, expected, landsAt) => {
  const { clock, landed, sandbox } = sandboxIn(takesMs);
  const answer = sandbox.run('{}', 'request', 10_000);
  await clock.runUntil(10_000);
  expect(JSON.parse(await answer)).toEqual(expected);
  expect(landed).toEqual([landsAt]);
});
