/**
 * The last rung, step by step: whatever fails, once or for good, refused or unanswered, the gateway that has the address
 * carries or would as soon as it is mended, no canary is left on the other one, and nothing is terminated.
 */
import { standingOf } from '../../../sim/standing';
import { idA, minute } from '../sim/world-fixture';
import { failuresWith, type HowItFails, type Ladder, ladder, runbook, served, ways } from './runbook-ladder';

const standing = ({ world }: Ladder) => standingOf(world, 'gw-a');
const climb = (it: Ladder) => it.climb('replace', {}, 30 * minute);

const done = { address: 'launched', canaries: 'launched', declared: 'stopped quarantined', launched: 'running' };
const back = { address: 'declared', canaries: 'declared', declared: 'running kept', launched: 'stopped quarantined' };

const untouched = { address: 'declared', canaries: 'declared', declared: 'running', launched: 'none' };

const failures = failuresWith({ error: 'UnauthorizedOperation', status: 400 });

const isLanded = (how: HowItFails): boolean => failures[how].landed;

/** What stands when this step fails for good; on the way back only what the step itself is for may be missing. */
const forGood: Readonly<Record<string, (how: HowItFails) => object>> = {
  claimGateway: () => untouched,
  launch: (how) => (isLanded(how) ? back : { ...back, launched: 'none' }),
  awaitRunning: () => back,
  awaitChecks: () => back,
  awaitAgent: () => back,
  awaitDaemon: () => back,
  allowForwarding: () => back,
  verifyForwarding: () => back,
  confirmDown: () => back,
  hasAddress: () => back,
  moveAddress: () => back,
  pointCanaryRoutes: () => back,
  areCanariesPointed: () => back,
  proveByCanary: () => back,
  rememberIdentity: () => done,
  stopOld: (how) => (isLanded(how) ? done : { ...done, declared: 'running quarantined' }),
  tagOld: (how) => (isLanded(how) ? done : { ...done, declared: 'stopped' }),
};
const forGoodOnTheWayBack: typeof forGood = {
  restoreCanaryRoutes: () => back,
  areCanariesBack: () => back,
  restoreCanaryRoutesAgain: (how) => (isLanded(how) ? back : { ...back, canaries: 'launched' }),
  hadAddress: () => back,
  restoreAddress: (how) => (isLanded(how) ? back : { ...back, address: 'launched' }),
  letLaunchShow: () => ({ ...back, launched: 'none' }),
  findNew: () => ({ ...back, launched: 'running' }),
  awaitStoppable: () => back,
  stopNew: (how) => (isLanded(how) ? back : { ...back, launched: 'running quarantined' }),
  tagNew: (how) => (isLanded(how) ? back : { ...back, launched: 'stopped' }),
  keepOld: (how) => (isLanded(how) ? back : { ...back, declared: 'running' }),
};

const steps = runbook('replace').mainSteps;
const attemptsOf = (name: string): number => Number(steps.find((step) => step.name === name)!.maxAttempts ?? 1);
const cases = (table: typeof forGood) =>
  Object.entries(table).flatMap(([step, stands]) => ways.map((how) => ({ step, how, stands: stands(how) })));

/** Hung for good: only another host helps it. */
function broken(seed?: number): Ladder {
  const it = ladder(seed === undefined ? {} : { seed });
  it.world.breakHost('gw-a');
  return it;
}

/** The way back, taken because the proof is refused; or the launch, where only that leads to the step. */
function onTheWayBack(step: string): Ladder {
  const it = broken();
  if (step === 'letLaunchShow') it.faults.failStep('launch', failures.refused, 3);
  else it.verdict = 'down';
  if (step === 'restoreCanaryRoutesAgain') it.faults.failStep('restoreCanaryRoutes', failures.refused, 5);
  return it;
}

/** Whoever has the address carries, once a person has mended what was broken before. */
async function carries(it: Ladder): Promise<boolean> {
  it.verdict = null;
  it.world.mendGateway('gw-a');
  await it.run(10 * minute);
  return it.probe('path-a') && served(it);
}

/** Told of in replace-record.test.ts and replace-secondary.test.ts. */
const isToldElsewhere = (name: string): boolean => /Record|PublicAddress|SecondaryAddress/.test(name);

it('names every step of the document, but those for a name in DNS or a secondary address', () => {
  const names = steps.flatMap(({ name }) => (isToldElsewhere(name) ? [] : [name]));
  expect([...Object.keys(forGood), ...Object.keys(forGoodOnTheWayBack)].sort()).toEqual(names.sort());
});

describe('nothing fails', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('a new instance takes the place of a hung one (seed %d)', async (seed) => {
    const it = broken(seed);
    const run = await climb(it);
    expect(run.AutomationExecutionStatus).toBe('Success');
    expect(standing(it)).toEqual(done);
    expect(run.Outputs!['launch.NewInstanceId']).toEqual([it.world.machineOf('gw-a').id]);
    expect(it.probe('path-a')).toBe(true);
    expect(it.world.instances.machines.get(idA)!.tags.get('switchback:quarantined')).toBe(run.AutomationExecutionId);
  });
});

describe('a step fails for good', () => {
  it.each(cases(forGood))('$step, $how', async ({ step, how, stands }) => {
    const it = broken();
    it.faults.failStep(step, failures[how], 99);
    const run = await climb(it);
    expect(standing(it)).toEqual(stands);
    const isDone = ['rememberIdentity', 'stopOld', 'tagOld'].includes(step);
    expect(run.AutomationExecutionStatus).toMatch(isDone ? /^Success$/ : /^(Failed|TimedOut)$/);
    expect(isDone ? it.probe('path-a') : await carries(it)).toBe(true);
  });
});

describe('a step of the way back fails for good', () => {
  it.each(cases(forGoodOnTheWayBack))('$step, $how', async ({ step, how, stands }) => {
    const it = onTheWayBack(step);
    it.faults.failStep(step, failures[how], 99);
    const run = await climb(it);
    expect(standing(it)).toEqual(stands);
    expect(run.AutomationExecutionStatus).toMatch(/^(Failed|TimedOut)$/);
  });
});

describe('a step fails once', () => {
  it.each(cases(forGood))('$step, $how', async ({ step, how }) => {
    const it = broken();
    it.faults.failStep(step, failures[how], 1);
    const run = await climb(it);
    const isOutlived = attemptsOf(step) > 1;
    expect(standing(it)).toEqual(isOutlived ? done : back);
    expect(run.AutomationExecutionStatus).toMatch(isOutlived ? /^Success$/ : /^(Failed|TimedOut)$/);
    if (!isOutlived) expect(await carries(it)).toBe(true);
  });
});

describe('a step of the way back fails once', () => {
  const outlived = cases(forGoodOnTheWayBack).filter(({ step }) => attemptsOf(step) > 1);
  it.each(outlived)('$step, $how', async ({ step, how }) => {
    const it = onTheWayBack(step);
    it.faults.failStep(step, failures[how], 1);
    await climb(it);
    expect(standing(it)).toEqual(back);
    expect(await carries(it)).toBe(true);
  });
});

describe('a first boot that builds the daemon', () => {
  it.each([1, 2, 3])('is waited for before anything is moved, and then proven (seed %d)', async (seed) => {
    const it = broken(seed);
    it.world.firstBoot = { takesMs: 8 * minute, fails: false };
    const run = await climb(it);
    expect(run.AutomationExecutionStatus).toBe('Success');
    expect(standing(it)).toEqual(done);
    expect(it.probe('path-a')).toBe(true);
  });

  it('that fails has nothing moved to it', async () => {
    const it = broken();
    it.world.firstBoot = { takesMs: 2 * minute, fails: true };
    const run = await climb(it);
    expect(run.FailureMessage).toContain('switchback: dead: its first boot failed');
    expect(it.calls).not.toContain('AssociateAddress');
    expect(standing(it)).toEqual(back);
  });

  it('that takes for ever is given up', async () => {
    const it = broken();
    it.world.firstBoot = { takesMs: 60 * minute, fails: false };
    const run = await climb(it);
    expect(run.FailureMessage).toContain('switchback: dead: its first boot still runs');
    expect(it.calls).not.toContain('AssociateAddress');
    expect(standing(it)).toEqual(back);
  });

  it('that a reboot cut short is not begun again', async () => {
    const it = broken();
    it.world.firstBoot = { takesMs: 8 * minute, fails: false };
    it.clock.after(4 * minute, 'rebooted by hand', () => {
      const launched = [...it.world.instances.machines.values()].at(-1)!;
      it.world.instances.reboot(launched);
    });
    expect((await climb(it)).AutomationExecutionStatus).toMatch(/^(Failed|TimedOut)$/);
    expect(it.calls).not.toContain('AssociateAddress');
    expect(standing(it)).toEqual(back);
  });
});

it('leaves the judgement of another maker’s daemon to the canary', async () => {
  const it = broken();
  it.world.instances.launch = ((launch) => (wanted) => {
    const machine = launch(wanted);
    machine.software = { daemon: 'other', unit: 'vpnd' };
    return machine;
  })(it.world.instances.launch.bind(it.world.instances));
  expect((await climb(it)).AutomationExecutionStatus).toBe('Success');
  expect(standing(it)).toEqual(done);
});

it('leaves a gateway alone that answers again before the swap', async () => {
  const it = ladder();
  it.world.stopInstance('gw-a');
  await it.run(10 * minute);
  it.clock.after(5_000, 'started by hand', () => it.world.startInstance('gw-a'));
  const run = await climb(it);
  expect(run.FailureMessage).toContain('Property value healthy is not in the desired values');
  expect(it.calls).not.toContain('AssociateAddress');
  expect(standing(it)).toEqual(back);
  expect(served(it)).toBe(true);
});

it('takes a proof that nobody renews for none', async () => {
  const it = broken();
  it.verdict = 'healthy';
  await climb(it);
  expect(it.calls).not.toContain('AssociateAddress');
  expect(standing(it)).toEqual(back);
});
