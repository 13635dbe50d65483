/**
 * The last rung, of a gateway that has no Elastic IP and whose name in DNS follows it: whatever fails about the name takes
 * no replacement back that is proven, and whoever is put aside leaves the name where it was.
 */
import type { Deployment } from '../../../core/words/domain';
import { instanceAt } from '../../../core/words/gateways';
import { standingOf } from '../../../sim/standing';
import { minute, pairDeployment } from '../sim/world-fixture';
import { failuresWith, type Ladder, ladder, runbook, ways } from './runbook-ladder';

const zone = 'Z0123456789ABCDEFGHIJ';
const name = 'vpn-a.example.net';
const theirs = { RecordZone: [zone], RecordName: [name], RecordTtl: ['30'] };
const [before, after] = ['198.51.100.1', '198.51.100.2'];

function named(): Deployment {
  const deployment = pairDeployment();
  const { address: _, ...gateway } = instanceAt(deployment, 'gw-a');
  const record = { zoneId: zone, name, ttlSeconds: 30 };
  return { ...deployment, gateways: { ...deployment.gateways, 'gw-a': { ...gateway, record } } };
}

/** Hung for good, so that only another machine helps. `anybody`: peers take whoever has the keys. */
function broken({ anybody = false, seed = 1 } = {}): Ladder {
  const it = ladder({ deployment: named(), seed });
  it.world.breakHost('gw-a');
  it.world.roles.takesAnyAddress = anybody;
  return it;
}

const climb = (it: Ladder, parameters = {}) =>
  it.climb('replace', { AllocationId: ['none'], ...theirs, ...parameters }, 40 * minute);
const standing = ({ world }: Ladder) => standingOf(world, 'gw-a');
const says = ({ world }: Ladder): string | undefined => world.names.zones.get(zone)?.served.get(name)?.value;
const changes = ({ calls }: Ladder): number => calls.filter((call) => call === 'ChangeResourceRecordSets').length;

const done = { name: 'launched', canaries: 'launched', declared: 'stopped quarantined', launched: 'running' };
const back = { name: 'declared', canaries: 'declared', declared: 'running kept', launched: 'stopped quarantined' };

const failures = failuresWith({ error: 'AccessDenied', status: 403 });

const steps = runbook('replace').mainSteps;
const forward = [
  'hasRecord',
  'findPublicAddress',
  'mayChangeRecord',
  'readRecord',
  'changeRecord',
  'awaitRecord',
  'askRecord',
];
const backward = ['hadRecord', 'restoreRecord', 'awaitRecordBack', 'askRecordBack'];

it('names every step of the document that is about the name', () => {
  const about = steps.flatMap(({ name: step }) => (/Record|PublicAddress/.test(step) ? [step] : []));
  expect(about.sort()).toEqual([...forward, ...backward].sort());
});

describe('nothing fails', () => {
  it.each([1, 2, 3, 4, 5])('the name follows, is asked, and the path is proven by it (seed %d)', async (seed) => {
    const it = broken({ seed });
    expect(says(it)).toBe(before);
    const run = await climb(it);
    expect(run.AutomationExecutionStatus).toBe('Success');
    expect(standing(it)).toMatchObject(done);
    expect(says(it)).toBe(after);
    expect(it.probe('path-a')).toBe(true);
    expect(run.Outputs).toMatchObject({
      'findPublicAddress.PublicIp': [after],
      'readRecord.RecordWas': [before],
      'askRecord.RecordIs': [after],
    });
  });

  it('with an Elastic IP the name is asked and never changed', async () => {
    const deployment = named();
    const address = { allocationId: 'eipalloc-0000000a', publicIp: '192.0.2.1' };
    const gateway = { ...instanceAt(deployment, 'gw-a'), address };
    const it = ladder({ deployment: { ...deployment, gateways: { ...deployment.gateways, 'gw-a': gateway } } });
    it.world.breakHost('gw-a');
    const run = await climb(it, { AllocationId: [address.allocationId] });
    expect(run.Outputs).toMatchObject({
      'findPublicAddress.PublicIp': ['192.0.2.1'],
      'askRecord.RecordIs': ['192.0.2.1'],
    });
    expect(run.AutomationExecutionStatus).toBe('Success');
    expect(standing(it)).toMatchObject({ ...done, address: 'launched' });
    expect(changes(it)).toBe(0);
  });

  it('a gateway without a name has nothing asked of Route 53', async () => {
    const it = broken({ anybody: true });
    const run = await climb(it, { RecordZone: ['none'], RecordName: ['none'] });
    expect(run.AutomationExecutionStatus).toBe('Success');
    expect(it.calls.filter((call) => /Record|DNS|GetChange/.test(call))).toEqual([]);
  });
});

describe('a step about the name fails for good, and the new machine is proven all the same', () => {
  const table = forward.flatMap((step) => ways.map((how) => ({ step, how })));
  it.each(table)('$step, $how', async ({ step, how }) => {
    const it = broken({ anybody: true });
    it.faults.failStep(step, failures[how], 99);
    const run = await climb(it);
    expect(run.AutomationExecutionStatus).toBe('Success');
    const isChanged = ['awaitRecord', 'askRecord'].includes(step) || (step === 'changeRecord' && failures[how].landed);
    expect(says(it)).toBe(isChanged ? after : before);
    expect(standing(it)).toMatchObject({ ...done, name: isChanged ? 'launched' : 'nobody' });
    if (step === 'changeRecord') expect(run.Outputs?.['readRecord.RecordWas']).toEqual([before]);
    if (step === 'askRecord')
      expect(run.Outputs?.['askRecord.RecordIs']).toEqual([expect.stringMatching(/^No output/)]);
  });
});

it('leaves a name alone that says nothing: there would be no way back', async () => {
  const it = broken({ anybody: true });
  it.world.names.zones.get(zone)!.served.delete(name);
  const run = await climb(it);
  expect(run.AutomationExecutionStatus).toBe('Success');
  expect([changes(it), says(it)]).toEqual([0, undefined]);
});

describe('the new machine is not proven', () => {
  const unproven = (): Ladder => Object.assign(broken(), { verdict: 'down' as const });

  it('the name goes there and comes back', async () => {
    const it = unproven();
    const run = await climb(it);
    expect(run.AutomationExecutionStatus).toMatch(/^(Failed|TimedOut)$/);
    expect(changes(it)).toBe(2);
    expect(says(it)).toBe(before);
    expect(standing(it)).toMatchObject(back);
    expect(run.Outputs).toMatchObject({ 'readRecord.RecordWas': [before], 'askRecordBack.RecordBack': [before] });
  });

  it('a name that could not be changed is what keeps it from being proven', async () => {
    const it = broken();
    it.faults.failStep('changeRecord', failures.refused, 99);
    const run = await climb(it);
    expect(run.AutomationExecutionStatus).toMatch(/^(Failed|TimedOut)$/);
    expect(run.FailureMessage).toContain('AccessDenied');
    expect(says(it)).toBe(before);
    expect(standing(it)).toMatchObject(back);
  });

  const table = backward.flatMap((step) => ways.map((how) => ({ step, how })));
  it.each(table)('$step fails for good, $how: all the rest is taken back', async ({ step, how }) => {
    const it = unproven();
    it.faults.failStep(step, failures[how], 99);
    const run = await climb(it);
    expect(run.AutomationExecutionStatus).toMatch(/^(Failed|TimedOut)$/);
    const isBack = step !== 'restoreRecord' || failures[how].landed;
    expect(says(it)).toBe(isBack ? before : after);
    expect(standing(it)).toMatchObject({ ...back, name: isBack ? 'declared' : 'nobody' });
    if (step === 'restoreRecord' && !isBack) expect(run.Outputs?.['askRecordBack.RecordBack']).toEqual([after]);
  });
});
