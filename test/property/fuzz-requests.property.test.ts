/**
 * Bad commands: whatever a person or a program starts the machine with is carried out as it says, refused with the
 * reason, or ends in a failure that names field, value and mend. Nothing moves, and the connection is free afterwards.
 *
 * Method: sound commands with something wrong in them and plain junk, into the parser, beside a check of our own; then
 * through the real state machine in the local cloud. The machine's own message to `apply` likewise.
 */
import { ReplaceRouteCommand } from '@aws-sdk/client-ec2';
import fc from 'fast-check';
import { emptyMemory } from '../../core/store/memory';
import { memoryFrom } from '../../core/store/stored';
import type { ApplyRequest } from '../../core/words/decision';
import { isHarmless } from '../../core/words/malformed';
import { createHandler } from '../../functions/apply';
import { simulationStart } from '../../local-cloud/latency';
import type { SimulatedCloud } from '../../sim/simulated-cloud';
import { deployment, t0, turn } from '../given';
import { awsMocks } from '../unit/adapters/aws-mocks';
import { CloudAnswers, me } from '../unit/functions/cloud-answers';
import { VirtualWorld } from '../unit/functions/virtual-world';
import { abyss, expectNamed, junkText, mutated, outcomeOf, runs, seed } from './fuzz';
import { at, playQuiet, routeWrites } from './quiet-cloud';

const who = { connection: 'paris', requestedBy: 'ana' };
const commandsAt = (now: number): readonly Record<string, unknown>[] => [
  { ...who, trigger: 'maintenance', path: 'b', until: new Date(now + 3_600_000).toISOString(), reason: 'new kernel' },
  { ...who, trigger: 'maintenance', path: 'b', until: now + 60_000, reason: 'why', drain: 'soft', force: true },
  { ...who, trigger: 'maintenance_end', path: 'b' },
  { ...who, trigger: 'pause', until: now + 60_000, reason: 'a look around' },
  { ...who, trigger: 'resume' },
  { ...who, trigger: 'acknowledge' },
];

/** `field: value mend`, or `field: missing; mend`, each. */
const problem = /^.{1,80}?: .+ (must be|is no|is not|is too|is unknown)/s;

const known: Readonly<Record<string, readonly string[]>> = {
  maintenance: ['path', 'until', 'reason', 'drain', 'force'],
  maintenance_end: ['path'],
  pause: ['until', 'reason'],
  resume: [],
  acknowledge: [],
};

/** The same law as core/turn/request.ts, said another way. */
function isSound(raw: unknown, now: number): boolean {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return false;
  const fields = Object.fromEntries(Object.entries(raw));
  const mine = typeof fields['trigger'] === 'string' && Object.hasOwn(known, fields['trigger']);
  const allowed = mine ? known[fields['trigger'] as string]! : [];
  const isText = (v: unknown): boolean => typeof v === 'string' && v.trim() !== '' && v.length <= 256 && isHarmless(v);
  const until = typeof fields['until'] === 'string' ? Date.parse(fields['until']) : fields['until'];
  const fits: Record<string, (v: unknown) => boolean> = {
    path: (v) => v === 'a' || v === 'b',
    until: () => typeof until === 'number' && until > now && until <= now + 7 * 86_400_000,
    reason: isText,
    drain: (v) => v === undefined || v === null || v === 'soft' || v === 'hard',
    force: (v) => v === undefined || v === null || typeof v === 'boolean',
  };
  const unknown = Object.keys(fields).filter(
    (name) => !['connection', 'trigger', 'requestedBy', ...allowed].includes(name),
  );
  return (
    mine && unknown.length === 0 && isText(fields['requestedBy']) && allowed.every((name) => fits[name]!(fields[name]))
  );
}

const inputs = (now: number): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.oneof(...commandsAt(now).map((c) => mutated(c))) },
    { weight: 1, arbitrary: junkText },
  );

describe(`bad commands (seed ${seed})`, () => {
  it('are refused field by field, and only sound ones are recorded', async () => {
    const property = fc.asyncProperty(inputs(t0), async (text) => {
      const request: unknown = JSON.parse(text);
      const outcome = await outcomeOf(() => turn({ request }).decision);
      if (request === null) return; // No command at all: a signal.
      if ('error' in outcome) throw outcome.error;
      const { kind, because } = outcome.answer;
      expect(kind).toBe(isSound(request, t0) ? 'record_request' : 'refuse_request');
      if (kind === 'refuse_request') expect(because).toMatch(problem);
    });
    await fc.assert(property, runs(2_000));
  });

  it.each([
    ['of any depth', { ...commandsAt(t0)[3], reason: abyss() }],
    ['with any number of fields', Object.fromEntries(Array.from({ length: 9_999 }, (_, i) => [`f${i}`, i]))],
    ['with a field of any length', { ...commandsAt(t0)[4], ['x'.repeat(200_000)]: 'y'.repeat(200_000) }],
    ['in a list', [commandsAt(t0)[4]]],
  ])('are refused in a short message: %s', async (_title, request) => {
    const outcome = await outcomeOf(
      () => turn({ request: Array.isArray(request) ? request : { trigger: 'resume', ...request } }).decision,
    );
    if ('error' in outcome) throw outcome.error;
    expect(outcome.answer.kind).toBe('refuse_request');
    expect(JSON.stringify(outcome.answer).length).toBeLessThan(4_000);
  });

  it('end the real machine by name, move nothing and leave the connection free', async () => {
    const now = simulationStart + 60_000;
    const texts = fc.oneof(
      // The local cloud's own evaluator loses such a field; the parser has met it above.
      { weight: 6, arbitrary: inputs(now).filter((text) => !text.includes('"__proto__":')) },
      {
        weight: 1,
        arbitrary: mutated({ connection: 'paris', source: 'operator', observation: { kind: 'instance' } }).map((v) =>
          JSON.stringify(v),
        ),
      },
      { weight: 1, arbitrary: fc.constantFrom('', '{', 'null', '[]', '[{"connection":"paris","trigger":"resume"}]') },
    );
    const property = fc.asyncProperty(fc.array(texts, { minLength: 14, maxLength: 14 }), async (list) => {
      // The cloud refuses what is no JSON, as AWS does.
      const cloud = await playQuiet(list.map((text, i) => at(20_000 + i * 3_000, (c) => start(c, text))));
      expect(routeWrites(cloud)).toEqual([]);
      for (const { name, status, error, cause, input, output } of cloud.stepfunctions.executions) {
        if (!name.startsWith('operator-bad')) continue;
        expect({ input, status, error, cause }).toMatchObject({ input, status: 'SUCCEEDED' });
        const end = JSON.parse(output!) as { outcome: string; because: string; mend?: string };
        if (end.outcome === 'refused') expect(end).toMatchObject({ mend: expect.stringMatching(/\w/) });
        expect(output!.length).toBeLessThan(4_000);
      }
      for (const { name, input, output } of cloud.stepfunctions.executions) {
        const raw: unknown = JSON.parse(input);
        const isCommand = typeof raw === 'object' && raw !== null && !Array.isArray(raw) && 'trigger' in raw;
        if (name.startsWith('operator-bad') && isCommand && !isSound(raw, now))
          expect({ input, output }).toMatchObject({ input, output: expect.stringContaining('"outcome":"refused"') });
      }
    });
    await fc.assert(property, { ...runs(2), endOnFailure: true });
  });
});

let count = 0;
/** The cloud refuses what is no JSON, as AWS does. */
async function start(cloud: SimulatedCloud, input: string): Promise<void> {
  const stateMachineArn = cloud.stepfunctions.onlyMachineArn;
  const request = { stateMachineArn, name: `operator-bad-${++count}`, input };
  const principal = { role: 'operator', by: 'operator' };
  const outcome = await outcomeOf(() => cloud.front.call(principal, 'stepfunctions', 'StartExecution', request));
  if ('error' in outcome && outcome.error.name !== 'InvalidExecutionInput') throw outcome.error;
}

describe(`bad apply requests (seed ${seed})`, () => {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  const cloud = new CloudAnswers(mocks);
  const apply = createHandler(world, deployment());
  /** A plan that is stale by the time the journal is open is told and closed; no memory is stored. */
  const journalOnly =
    /^PutItem connection#paris story#|^UpdateItem (SET #writeUntil = :writeUntil|REMOVE #writeUntil)$/;
  const sound: ApplyRequest = {
    schema: 1,
    connection: 'paris',
    lease: me,
    decision: {
      kind: 'divert',
      rule: 'rescue',
      because: 'path a is down',
      moves: [{ routeSet: 'office', from: ['a'], to: 'b', passed: false }],
      planned: false,
      lastResort: false,
      severe: false,
      trial: false,
      planDigest: 'another plan',
      decidedAt: world.now(),
    },
    memory: JSON.stringify(emptyMemory),
  };

  it('write no route and no memory: they are refused by name, or their plan is not the one of now', async () => {
    const memory = mutated(emptyMemory).map((odd) => JSON.stringify({ ...sound, memory: odd }));
    const requests = fc.oneof(mutated(sound, 2), memory, junkText);
    const property = fc.asyncProperty(requests, async (text) => {
      const request: unknown = JSON.parse(text);
      cloud.order.length = 0;
      const outcome = await outcomeOf(() => world.finish(apply(request, world.context(15_000))));
      if ('error' in outcome) expectNamed(outcome.error, 'MalformedInput');
      else {
        expect(['stale_plan', 'nothing_to_do', 'lease_lost']).toContain(outcome.answer.outcome);
        // It is stored again after a write: one that is no memory would wipe what is remembered.
        expect(memoryFrom((request as ApplyRequest).memory).unread).toBeUndefined();
      }
      expect(mocks.ec2.commandCalls(ReplaceRouteCommand)).toEqual([]);
      const written = cloud.order.filter((call) => /^(Put|Update)Item/.test(call));
      expect(written.filter((call) => !journalOnly.test(call))).toEqual([]);
      if ('error' in outcome) expect(written).toEqual([]);
    });
    await fc.assert(property, runs(400));
  });
});
