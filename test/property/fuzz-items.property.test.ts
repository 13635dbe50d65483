/**
 * Bad items: reports, connection and gateway items that are damaged, of an older or a newer version, or from another
 * time. They read as unknown, hold the connection, or end by name; no route moves on their word, and what nobody can
 * read is kept.
 *
 * Method: a world of sound items with something wrong in them, before the real functions. The items are drawn as JSON
 * and handed out as DynamoDB's attributes.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  type AttributeValue,
  BatchGetItemCommand,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { ReplaceRouteCommand } from '@aws-sdk/client-ec2';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetAutomationExecutionCommand } from '@aws-sdk/client-ssm';
import fc from 'fast-check';
import type { Memory } from '../../core/store/memory';
import type { AssessResult } from '../../core/words/decision';
import { limits } from '../../core/words/policy';
import { createHandler as createApply } from '../../functions/apply';
import { createHandler as createAssess } from '../../functions/assess';
import { createHandler as createSense } from '../../functions/sense';
import { createHandler as createSweep } from '../../functions/sweep';
import { deployment, gateway } from '../given';
import { awsError, awsMocks } from '../unit/adapters/aws-mocks';
import { CloudAnswers, me, report } from '../unit/functions/cloud-answers';
import { startAt, VirtualWorld } from '../unit/functions/virtual-world';
import { abyss, expectNamed, mutated, outcomeOf, runs, seed } from './fuzz';
import { attributesOf } from './plain-items';
import { busy, damaged, dark, memory, type Stored, sound } from './stored-world';

const mocks = awsMocks();
const world = new VirtualWorld(mocks);
const site = deployment();
const assess = createAssess(world, site);
const apply = createApply(world, site);
const sweep = createSweep(world, site);
const sense = createSense(world, site);
const request = { schema: 1, connection: 'paris', ...me, failOpen: false, request: null };

const cloud = new CloudAnswers(mocks);
mocks.dynamodb.on(GetItemCommand).callsFake(({ Key }: { Key: Record<string, AttributeValue> }) => {
  const name = String(Key['pk']?.S);
  const gateways = stored['gateways'] as Record<string, unknown> | null | undefined;
  const item = name.startsWith('gateway#') ? gateways?.[name.slice('gateway#'.length)] : stored['lease'];
  return { Item: attributesOf(item) };
});
// As DynamoDB does, by the types too: holder and token of the item as it is stored.
mocks.dynamodb
  .on(UpdateItemCommand)
  .callsFake(({ ExpressionAttributeValues: values, ReturnValues }: UpdateItemCommandInput) => {
    const held = attributesOf(stored['lease']);
    const isMine = isDeepStrictEqual([held?.['holder'], held?.['token']], [values?.[':holder'], values?.[':token']]);
    if (!isMine) throw awsError('ConditionalCheckFailedException');
    return ReturnValues === 'ALL_NEW' ? { Attributes: held } : {};
  });
mocks.dynamodb.on(BatchGetItemCommand).callsFake(() => {
  const reports = Array.isArray(stored['reports']) ? stored['reports'] : [];
  return { Responses: { reports: reports.map(attributesOf).filter((item) => item !== undefined) } };
});
mocks.ssm
  .on(GetAutomationExecutionCommand)
  .resolves({ AutomationExecution: { AutomationExecutionStatus: 'InProgress' } });
mocks.sfn.on(StartExecutionCommand).resolves({}).on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });

let stored: Record<string, unknown> = {};

/** The tables hold this from now on. */
function store(whole: unknown): void {
  stored = typeof whole === 'object' && whole !== null ? (whole as Record<string, unknown>) : {};
  cloud.routes = { 'rtb-1': 'eni-gw-a', 'rtb-2': 'eni-gw-a' };
  for (const mock of [mocks.dynamodb, mocks.ec2, mocks.sfn, mocks.ssm]) mock.resetHistory();
}

const decide = (stored: Stored, changes: object = {}): Promise<AssessResult> => {
  store(stored);
  return world.finish(assess({ ...request, ...changes }));
};

const ours = ['MalformedInput', 'StoredItemInvalid'];
const acts = ['divert', 'undo', 'failback', 'repair'];

describe(`bad items (seed ${seed})`, () => {
  it('move nothing on a quiet day, and are never a crash without a name', async () => {
    const property = fc.asyncProperty(damaged(sound), async (text) => {
      const outcome = await outcomeOf(() => decide(JSON.parse(text) as Stored));
      if ('error' in outcome) return expectNamed(outcome.error, ...ours);
      const { decision } = outcome.answer;
      // Started once and never answered: the same token makes it the same start.
      if (decision.kind === 'repair') expect(text).toContain(decision.clientToken);
      else expect(acts).not.toContain(decision.kind);
    });
    await fc.assert(property, runs(600));
  });

  it('do not stop the sweep, nor sense, without a name', async () => {
    const event = {
      id: 'event-1',
      'detail-type': 'EC2 Instance State-change Notification',
      source: 'aws.ec2',
      account: '111122223333',
      time: '2026-11-20T21:00:05Z',
      region: 'eu-central-1',
      detail: { 'instance-id': 'i-0123456789abcdef0', state: 'stopped' },
    };
    const { holder, ...free } = sound.lease;
    const property = fc.asyncProperty(damaged({ ...sound, lease: free as Stored['lease'] }), async (text) => {
      store(JSON.parse(text) as Stored);
      for (const call of [() => sweep(), () => sense(event)]) {
        const outcome = await outcomeOf<unknown>(() => world.finish<unknown>(call()));
        if ('error' in outcome) expectNamed(outcome.error, ...ours);
      }
    });
    await fc.assert(property, runs(200));
  });

  it('in a report prove nothing: nobody is moved onto its path, whatever else is dark', async () => {
    const seen = { moved: 0, held: 0 };
    const property = fc.asyncProperty(mutated(dark.reports[1], 2), async (text) => {
      const odd = JSON.parse(text) as Record<string, unknown>;
      const reports = [dark.reports[0]!, odd as never, dark.reports[2]!];
      const { decision, situation } = await decide({ ...dark, reports });
      const moves = decision.kind === 'divert';
      seen[moves ? 'moved' : 'held']++;
      expect(moves).toBe(isProof(odd));
      expect(situation.paths['b']).toMatch(/^(healthy|degraded|severe|down|unknown)$/);
    });
    await fc.assert(property, runs(300));
    expect(Math.min(seen.moved, seen.held)).toBeGreaterThan(10);
  });

  it('of a newer version are kept to the letter: one word to people, then rest, and no move', async () => {
    const newer = fc.oneof(
      mutated({ ...memory, schema: 2, path: { a: 'lost' } }).filter((text) => !text.includes('"schema":1')),
      fc.nat({ max: sound.lease.memory.length - 1 }).map((length) => sound.lease.memory.slice(0, length)),
    );
    const property = fc.asyncProperty(newer, async (text) => {
      fc.pre(text !== '');
      const first = await decide({ ...dark, lease: { ...dark.lease, memory: text } });
      expect(first).toMatchObject({
        decision: { kind: 'escalate', rule: 'stand-still' },
        notice: { subject: expect.any(String) },
      });
      const second = await decide({ ...dark, lease: { ...dark.lease, memory: first.memoryTold } });
      expect(second).toMatchObject({ decision: { kind: 'park', rule: 'stand-still' }, notice: null });
      for (const stored of [first.memory, first.memoryTold, second.memory, second.memoryTold])
        expect((JSON.parse(stored) as Memory).unread).toBe(text);
    });
    await fc.assert(property, runs(200));
  });

  it('lose nothing that can be read, and keep what cannot', async () => {
    const property = fc.asyncProperty(fc.oneof(mutated(memory), mutated(busy)), async (text) => {
      fc.pre(text.length < limits.memoryBytesMax / 2); // Beyond its limit a memory forgets what nobody needs.
      const { memory: after } = await decide({ ...dark, lease: { ...dark.lease, memory: text } });
      const kept = JSON.parse(after) as Memory;
      if (kept.unread !== undefined) return expect(kept.unread).toBe(text);
      const before = JSON.parse(text) as Partial<Memory>;
      const tokens = kept.rungs.map((r) => r.clientToken);
      for (const one of before.rungs ?? [])
        if (one.path === 'a' || (one.endedAt === null && one.deadlineAt > startAt))
          expect(tokens).toContain(one.clientToken);
      const configured = Object.keys(before.moves ?? {}).filter((set) =>
        Object.hasOwn(site.connections['paris']!.routeSets, set),
      );
      expect(Object.keys(kept.moves)).toEqual(expect.arrayContaining(configured));
      for (const name of Object.keys(before)) expect(Object.keys(kept)).toContain(name);
    });
    await fc.assert(property, runs(300));
  });

  it('stop apply at its fence: it writes for the holder of the item and for nobody else', async () => {
    const decision = (await decide(dark)).decision;
    let written = 0;
    const property = fc.asyncProperty(damaged(dark), async (text) => {
      const stored = JSON.parse(text) as Stored;
      store(stored);
      const input = { schema: 1, connection: 'paris', lease: me, decision, memory: dark.lease.memory };
      const outcome = await outcomeOf(() => world.finish(apply(input, world.context(15_000))));
      if ('error' in outcome) expectNamed(outcome.error, ...ours);
      const writes = mocks.ec2
        .commandCalls(ReplaceRouteCommand)
        .map(({ args: [{ input: i }] }) => i.NetworkInterfaceId);
      if (writes.length === 0) return;
      written++;
      expect(new Set(writes)).toEqual(new Set(['eni-gw-b']));
      expect(stored.lease).toMatchObject(me);
    });
    await fc.assert(property, runs(150));
    expect(written).toBeGreaterThan(5);
  });

  it('of any depth or size end by name or hold', async () => {
    const lease = (change: object): Stored => ({ ...dark, lease: { ...dark.lease, ...change } });
    const deep = JSON.stringify(abyss(3_000));
    for (const stored of [
      lease({ memory: `{"schema":1,"moves":${deep}}` }),
      lease({ paused: deep }),
      lease({ memory: 'x'.repeat(60_000) }),
    ]) {
      expect((await decide(stored)).decision).toMatchObject({ kind: 'escalate', rule: 'stand-still' });
    }
  });

  it('as what an execution’s input claims to have seen are not even read', async () => {
    const hint = { kind: 'instance', instanceId: gateway('gw-a').instanceId, state: 'stopped', at: startAt };
    const property = fc.asyncProperty(mutated(hint), async (text) => {
      const { decision } = await decide(sound, { observation: JSON.parse(text) as unknown });
      expect(acts).not.toContain(decision.kind);
    });
    await fc.assert(property, runs(150));
  });

  it('as what EC2 announced tell nothing, where they cannot be read or speak of somebody else', async () => {
    const seen = { instanceId: gateway('gw-a').instanceId, state: 'stopped', at: startAt - 60_000 };
    const property = fc.asyncProperty(mutated(seen), async (text) => {
      store(sound);
      cloud.observations = { 'gw-a': JSON.parse(text) as never };
      const { decision } = await decide(sound);
      expect(acts).not.toContain(decision.kind);
      cloud.observations = {};
    });
    await fc.assert(property, runs(150));
  });
});

/** What a report must say, and when, to vouch for its path; said another way than adapters/dynamodb/report-item.ts says it. */
function isProof(item: Record<string, unknown>): boolean {
  const whole = report('paris/path-b', 'healthy');
  const same = (name: keyof typeof whole): boolean => typeof item?.[name] === typeof whole[name];
  const instants = ['reportedAt', 'since', 'answeredAt', 'missedSince'] as const;
  const [oldest, newest] = [startAt - 3_000, startAt + 5_000];
  return (
    (Object.keys(whole) as (keyof typeof whole)[]).every(
      (name) =>
        same(name) ||
        (name === 'rttMs' && item['rttMs'] === null) ||
        (name === 'fullSize' && !Object.hasOwn(item, 'fullSize')),
    ) &&
    ['both_ways', 'out_only', 'unmeasured', undefined].includes(item['fullSize'] as string | undefined) &&
    item['schema'] === 1 &&
    item['canary'] === 'paris/path-b' &&
    item['connection'] !== '' &&
    item['runId'] !== '' &&
    item['verdict'] === 'healthy' &&
    ['up', 'down', 'none'].includes(String(item['gatewayProbe'])) &&
    ['rttMs', 'missedInARow', 'answeredInARow', 'round', 'lossRatio'].every((name) => Number(item[name]) >= 0) &&
    Number(item['lossRatio']) <= 1 &&
    instants.every((name) => Number(item[name]) >= 0 && Number(item[name]) <= newest) &&
    Number(item['reportedAt']) >= oldest &&
    // Newer than the failure of the other.
    Number(item['answeredAt']) >= Number(dark.reports[0]!.missedSince)
  );
}
