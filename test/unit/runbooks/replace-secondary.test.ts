/**
 * The last rung, of a gateway whose secondary private address others aim at: whatever fails about it, it is on the machine
 * that is the gateway afterwards, and on no other.
 */
import type { Deployment } from '../../../core/words/domain';
import { instanceAt } from '../../../core/words/gateways';
import { standingOf } from '../../../sim/standing';
import { minute, pairDeployment } from '../sim/world-fixture';
import { failuresWith, type Ladder, ladder, runbook, ways } from './runbook-ladder';

const secondaryAddress = '10.0.1.20';

function followed(): Deployment {
  const deployment = pairDeployment();
  const gateway = { ...instanceAt(deployment, 'gw-a'), secondaryAddress };
  return { ...deployment, gateways: { ...deployment.gateways, 'gw-a': gateway } };
}

/** Hung for good, so that only another machine helps. */
function broken(seed = 1): Ladder {
  const it = ladder({ deployment: followed(), seed });
  it.world.breakHost('gw-a');
  return it;
}

const climb = (it: Ladder, parameters = {}) =>
  it.climb('replace', { SecondaryAddress: [secondaryAddress], ...parameters }, 40 * minute);
const standing = ({ world }: Ladder) => standingOf(world, 'gw-a');
const moves = ({ calls }: Ladder): number => calls.filter((call) => call === 'AssignPrivateIpAddresses').length;
const holders = ({ world }: Ladder): number =>
  [...world.vpc.interfaces.values()].filter((one) => one.secondaryAddresses.has(secondaryAddress)).length;

const where = (who: 'declared' | 'launched') => ({ address: who, secondary: who, canaries: who });
const done = { ...where('launched'), declared: 'stopped quarantined', launched: 'running' };
const back = { ...where('declared'), declared: 'running kept', launched: 'stopped quarantined' };

const failures = failuresWith({ error: 'PrivateIpAddressLimitExceeded', status: 400 });

const steps = runbook('replace').mainSteps;
const forward = ['hasSecondaryAddress', 'moveSecondaryAddress', 'awaitSecondaryAddress'];
const backward = ['hadSecondaryAddress', 'restoreSecondaryAddress'];

it('names every step of the document that is about it', () => {
  const about = steps.flatMap(({ name }) => (name.includes('SecondaryAddress') ? [name] : []));
  expect(about.sort()).toEqual([...forward, ...backward].sort());
});

it.each([1, 2, 3])('goes with the Elastic IP to the new machine (seed %d)', async (seed) => {
  const it = broken(seed);
  expect((await climb(it)).AutomationExecutionStatus).toBe('Success');
  expect(standing(it)).toMatchObject(done);
  expect([moves(it), holders(it)]).toEqual([1, 1]);
});

it('is nobody’s business where a gateway has none', async () => {
  const it = broken();
  expect((await climb(it, { SecondaryAddress: ['none'] })).AutomationExecutionStatus).toBe('Success');
  expect(moves(it)).toBe(0);
});

describe('a step about it fails for good: all goes back', () => {
  const table = forward.flatMap((step) => ways.map((how) => ({ step, how })));
  it.each(table)('$step, $how', async ({ step, how }) => {
    const it = broken();
    it.faults.failStep(step, failures[how], 99);
    expect((await climb(it)).AutomationExecutionStatus).not.toBe('Success');
    expect(standing(it)).toMatchObject(back);
    expect(holders(it)).toBe(1);
  });
});

describe('the new machine is not proven', () => {
  const unproven = (): Ladder => Object.assign(broken(), { verdict: 'down' as const });

  it('it goes there and comes back', async () => {
    const it = unproven();
    expect((await climb(it)).AutomationExecutionStatus).not.toBe('Success');
    expect(standing(it)).toMatchObject(back);
    expect([moves(it), holders(it)]).toEqual([2, 1]);
  });

  it('the rest goes back without it where EC2 does not let it', async () => {
    const it = unproven();
    it.faults.failStep('restoreSecondaryAddress', failures.refused, 99);
    expect((await climb(it)).AutomationExecutionStatus).not.toBe('Success');
    expect(standing(it)).toMatchObject({ ...back, secondary: 'launched' });
  });
});
