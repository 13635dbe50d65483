/**
 * What the README promises, measured on whole runs: transitions, duplicates, the woken sleep, named failures.
 */
import { simulationStart } from '../../local-cloud/latency';
import { isThorough } from '../thorough';
import { play } from './played';
import type { CloudRecord, ExecutionRecord } from './record';

const statesOf = ({ history }: ExecutionRecord): string[] =>
  history.flatMap((e) => e.stateEnteredEventDetails?.name ?? []);
const refusalsOf = ({ stepfunctions }: CloudRecord): { outcome: string; because: string; mend: string }[] =>
  stepfunctions.executions
    .map(({ output }) => JSON.parse(output ?? '{}') as { outcome: string; because: string; mend: string })
    .filter(({ outcome }) => outcome === 'refused');

it('moves routes within six transitions from the start, and ends a duplicate within four, without an EC2 write', async () => {
  const { result, cloud } = await play('duplicate-events');
  expect(result.transitions.toDivert).toBeLessThanOrEqual(6);
  const handed = cloud.stepfunctions.executions
    .map(statesOf)
    .filter((states) => states.at(-1) === 'WakeHolder' || states.at(-1) === 'AskHolder');
  expect(handed.length).toBeGreaterThanOrEqual(2);
  for (const states of handed) expect(states).not.toContain('DivertRoutes');
  expect(Math.min(...handed.map((states) => states.length))).toBeLessThanOrEqual(4);
  const atOnce = handed.filter((states) => states.at(-1) === 'AskHolder' && !states.includes('WakeHolder'));
  for (const states of atOnce) expect(states).toEqual(['TakeLease', 'RecordSignal', 'WhoHolds', 'AskHolder']);
});

it('acts within two seconds when the standby dies during a repair: the sleep is woken', async () => {
  const { result } = await play('standby-dies-during-repair');
  const verdict = result.timeline.find(
    (e) => e.state === 'Signal' && e.because.startsWith('canary: paris/path-b is down') && e.atMs > 130_000,
  )!;
  const acted = result.timeline.find(
    (e) => e.atMs >= verdict.atMs && ['NotifyPeople', 'DivertRoutes'].includes(e.state),
  )!;
  expect(acted.atMs - verdict.atMs).toBeLessThanOrEqual(2_000);
});

it('ends a wrong command in an end of its own that says which fields and why', async () => {
  const { cloud } = await play('wrong-command');
  const [wrong, unknown] = refusalsOf(cloud);
  expect(wrong!.because).toMatch(/path: "c" must be one of a, b; until: "yesterday" must be a time such as/);
  expect(wrong!.mend).toMatch(/start it again/);
  expect(unknown!.because).toBe('connection: "oslo" is unknown; known: paris');
});

it('refuses maintenance without a proven standby, with the reason', async () => {
  const { cloud } = await play('maintenance-refused');
  const [refusal] = refusalsOf(cloud);
  expect(refusal!.because).toMatch(/^path a carries office and no other path is proven healthy: path b is down/);
  expect(refusal!.mend).toMatch(/"force": true/);
});

it('refuses a repair that begins after it was given up, and repairs all the same', async () => {
  const { cloud } = await play('late-start');
  const runs = [...cloud.ssm.runs.values()];
  const [late, reboot] = [runs[0], runs.at(-1)];
  expect([reboot!.documentName, reboot!.status]).toEqual(['switchback-reboot', 'Success']);
  expect([late!.documentName, late!.status]).toEqual(['switchback-restart-tunnel', 'Failed']);
  // It could not claim the gateway, and nothing was done to it.
  expect(late!.records.map(({ status }) => status)).toEqual(['Failed', 'Pending']);
});

it('names the field of a malformed event, and changes nothing', async () => {
  const { cloud } = await play('malformed-event');
  expect(cloud.stepfunctions.executions).toEqual([]);
  expect(cloud.front.calls.filter((call) => /Route$|StartAutomation/.test(call.operation))).toEqual([]);
});

it('answers a crashed holder: the next signal takes over within three seconds', async () => {
  const { result, cloud } = await play('crashed-holder');
  const crashed = cloud.stepfunctions.executions.find((e) => e.status === 'ABORTED')!;
  const takeOver = cloud.stepfunctions.executions
    .flatMap((e) => e.history)
    .find((event) => event.stateEnteredEventDetails?.name === 'TakeOver')!;
  const crashedMs = crashed.stoppedAt! - simulationStart;
  const next = result.timeline.find((e) => e.state === 'Signal' && e.atMs > crashedMs)!;
  expect(takeOver.timestamp.getTime() - simulationStart - next.atMs).toBeLessThanOrEqual(3_000);
});

it.each(isThorough ? ['host-broken', 'gateway-stopped'] : ['gateway-stopped'])(
  '%s: raises the alarm on the gateway by name, and it ends by itself',
  async (name) => {
    const { result } = await play(name);
    const changes = result.events.filter(({ what }) => what.includes('/gateway/gw-a/checks'));
    expect(changes.map(({ what }) => /OK$|ALARM$/.exec(what)?.[0])).toEqual(['ALARM', 'OK']);
    expect(result.events.some(({ what }) => what.includes('/gateway/gw-b/'))).toBe(false);
  },
);

it('raises the alarms on reports that stop and on a sweep that fails while DynamoDB is gone', async () => {
  const { result, cloud } = await play('dynamodb-gone');
  const raised = result.events.flatMap(({ source, what }) =>
    source === 'alarm' && what.endsWith(' is ALARM') ? [what.replace(' is ALARM', '')] : [],
  );
  expect(raised).toEqual(expect.arrayContaining(['switchback/self/sweep-failing', 'switchback/paris/path-b/silent']));
  // Nothing of ours that is broken stands between: not even the reports are read.
  expect(cloud.topics.inbox.map(({ subject }) => subject)).toContain(
    '[switchback] Users are not heard of; the sweep fails (self/sweep-failing)',
  );
});
