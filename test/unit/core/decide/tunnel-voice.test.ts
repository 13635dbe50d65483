/** What gateways publish of their own tunnels, as people hear it: none is up, or nobody could tell, and never the one for the other. */
import type { Memory } from '../../../../core/store/memory';
import type { TurnResult } from '../../../../core/turn/answers';
import type { Evidence } from '../../../../core/words/evidence';
import { aIsDown, desired, drain, evidence, incident, instance, memory, t0, turn } from '../../../given';

type Alarms = Evidence['tunnelAlarms'][string];
const quiet: Alarms = { noneUpSince: null, unmeasuredSince: null };
const withAlarms = (alarms: Alarms, over: Partial<Evidence> = {}): Evidence => ({
  ...evidence(),
  tunnelAlarms: { 'gw-a': alarms },
  ...over,
});
const keysOf = ({ memoryTold }: TurnResult): string[] => Object.keys((JSON.parse(memoryTold) as Memory).told);
const since = t0 - 30_000;

it('believes a canary that is answered for as long as the alarm may be late, and says so when it lasts', () => {
  const at = (ms: number) => turn({ evidence: withAlarms({ ...quiet, noneUpSince: t0 - ms }) });
  expect(keysOf(at(299_000))).not.toContain('tunnels/gw-a');
  expect(at(299_000).notice).toBeNull();
  expect(at(300_000).notice?.message).toMatch(/says that no tunnel of paris-a is up, since .*; path a is healthy/);
});

it('says at once that a daemon has no tunnel left where a path over it does not work, and how that is', () => {
  const { notice, ...rest } = turn({ evidence: withAlarms({ ...quiet, noneUpSince: since }, { reports: aIsDown }) });
  expect(notice?.message).toMatch(
    /the VPN daemon of gw-a says that no tunnel of paris-a is up, since .*; path a is down/,
  );
  expect(notice?.message).not.toContain('could not be measured');
  expect(keysOf({ notice, ...rest })).toContain('tunnels/gw-a');
});

it('says that nobody could tell, and never that the tunnels are down', () => {
  const unmeasured = { ...quiet, unmeasuredSince: since };
  for (const alarms of [unmeasured, { ...unmeasured, noneUpSince: since }]) {
    const { notice } = turn({ evidence: withAlarms(alarms) });
    expect(notice?.message).toMatch(/how many tunnels of gw-a are up could not be measured, since .*path a is healthy/);
    expect(notice?.message).not.toMatch(/no tunnel of|tunnels? (is|are) down/);
  }
});

it('moves and repairs nothing by these numbers: canaries and EC2 are believed', () => {
  const numbers = withAlarms({ noneUpSince: since, unmeasuredSince: null });
  expect(turn({ evidence: numbers }).decision.kind).not.toMatch(/divert|repair/);
  const down = turn({ evidence: withAlarms(quiet, { reports: aIsDown }) }).decision;
  expect(
    turn({ evidence: withAlarms({ noneUpSince: null, unmeasuredSince: since }, { reports: aIsDown }) }).decision,
  ).toMatchObject({
    kind: down.kind,
    rule: down.rule,
  });
});

it.each([
  ['its every path is drained', { desired: desired({ drains: { a: drain() } }) }, {}],
  [
    'its machine stands still, which is told as that',
    {},
    { instances: { 'gw-a': instance('gw-a', { state: 'stopped' }) } },
  ],
])('says nothing where %s', (_, given, over) => {
  for (const alarms of [
    { ...quiet, noneUpSince: since },
    { ...quiet, unmeasuredSince: since },
  ]) {
    const keys = keysOf(turn({ ...given, evidence: withAlarms(alarms, over) }));
    expect(keys.filter((key) => /^(tunnels|blind)\//.test(key))).toEqual([]);
  }
});

it('says that it is over after a soak, and not while CloudWatch cannot be asked', () => {
  const before = {
    told: { 'blind/gw-a': t0 - 3_600_000 },
    goneSince: { 'blind/gw-a': t0 - 3_000_000 },
    incident,
  };
  const message = (alarms: Alarms) =>
    turn({ evidence: withAlarms(alarms), memory: memory(before) }).notice?.message ?? '';
  expect(message(quiet)).toContain('over: the tunnels of gw-a can be counted again');
  expect(message(null)).not.toContain('over:');
});
