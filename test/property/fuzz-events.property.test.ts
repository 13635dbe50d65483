/**
 * Bad events: whatever reaches `sense` or the state machine from a bus is ignored, refused by name, or wakes. It never
 * commands.
 *
 * Method: sound events with something wrong in them and plain junk, into the real handler; then a bus full of them in
 * the local cloud, where the template's own rules decide what starts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import fc from 'fast-check';
import { reportItem } from '../../adapters/dynamodb/report-item';
import { createHandler } from '../../functions/sense';
import type { BusEvent } from '../../local-cloud/services/events/bus-event';
import { accountId } from '../../local-cloud/template/json';
import { deployment, gateway } from '../given';
import { awsMocks } from '../unit/adapters/aws-mocks';
import { CloudAnswers, report, stopped } from '../unit/functions/cloud-answers';
import { startAt, VirtualWorld } from '../unit/functions/virtual-world';
import { abyss, expectNamed, junkText, mutated, outcomeOf, runs, seed } from './fuzz';
import { at, playQuiet, routeWrites } from './quiet-cloud';

const record = (round: number) => ({
  eventID: `event-${round}`,
  eventName: 'MODIFY',
  dynamodb: {
    SequenceNumber: String(round),
    NewImage: reportItem(report('paris/path-a', 'down', { changed: true, round })),
  },
});

const mocks = awsMocks();
const world = new VirtualWorld(mocks);
new CloudAnswers(mocks);
mocks.sfn.on(StartExecutionCommand).resolves({});
const handler = createHandler(world, deployment());

interface Started {
  readonly name: string;
  readonly input: {
    readonly connection: string;
    readonly source: string;
  };
}

/** What one event starts, what is said of it, and what comes back. */
async function sense(event: unknown) {
  mocks.sfn.resetHistory();
  mocks.dynamodb.resetHistory();
  world.lines.length = 0;
  const outcome = await outcomeOf(() => world.finish(handler(event)));
  const started = mocks.sfn
    .commandCalls(StartExecutionCommand)
    .map(({ args: [{ input }] }): Started => ({ name: input.name!, input: JSON.parse(input.input!) }));
  for (const { name, input } of started) {
    expect(name).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
    // A name and a source: no field of a command and nothing to be believed, whatever the event held.
    expect(Object.keys(input)).toEqual(['connection', 'source']);
    expect(input.connection).toBe('paris');
  }
  return { outcome, started, said: world.lines.map((line) => String(line['what'])) };
}

describe(`bad events (seed ${seed})`, () => {
  it('of EC2 start nothing that is not ours, and are ignored aloud or refused by name', async () => {
    const events = fc.oneof({ weight: 4, arbitrary: mutated(stopped) }, { weight: 1, arbitrary: junkText });
    const property = fc.asyncProperty(events, async (text) => {
      const event: unknown = JSON.parse(text);
      const { outcome, started, said } = await sense(event);
      if ('error' in outcome) expectNamed(outcome.error, 'MalformedInput');
      if (started.length === 0) {
        if ('answer' in outcome) expect(said.length > 0 || isBatch(event)).toBe(true);
        return;
      }
      expect(event).toMatchObject({ source: 'aws.ec2', account: stopped.account, region: stopped.region });
      for (const { args } of mocks.dynamodb.commandCalls(PutItemCommand))
        expect(args[0].input.Item).toMatchObject({ instanceId: { S: gateway('gw-a').instanceId } });
    });
    await fc.assert(property, runs(400));
  });

  it('in a stream lose nothing that is sound, and come back by their number', async () => {
    const batch = fc.record({
      good: fc.integer({ min: 0, max: 3 }),
      bad: fc.array(
        fc.oneof({ weight: 3, arbitrary: mutated(record(900)) }, mutated(record(900).dynamodb.NewImage, 2), junkText),
        { minLength: 1, maxLength: 4 },
      ),
      order: fc.array(fc.nat(), { minLength: 7, maxLength: 7 }),
    });
    const property = fc.asyncProperty(batch, async ({ good, bad, order }) => {
      const sound = Array.from({ length: good }, (_, i) => record(100 + i));
      const all = [...sound, ...bad.map((text) => JSON.parse(text) as unknown)]
        .map((one, i) => ({ one, key: order[i]! }))
        .sort((x, y) => x.key - y.key);
      const { outcome, started } = await sense({ Records: all.map(({ one }) => one) });
      const names = started.map(({ name }) => name);
      for (const { eventID } of sound)
        expect(names).toContain(`canary-paris-paris-path-a-${eventID.slice(6)}-${startAt - 500}`);
      if ('error' in outcome) return expectNamed(outcome.error, 'MalformedInput');
      const failed = outcome.answer?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) ?? [];
      for (const { dynamodb } of sound) expect(failed).not.toContain(dynamodb.SequenceNumber);
      for (const what of world.lines.map((line) => String(line['what'])))
        expect(what).toMatch(/^sense: (MalformedInput|started|ignored)$/);
    });
    await fc.assert(property, runs(800));
  });

  it('of any depth are refused by name', async () => {
    for (const event of [abyss(), { ...stopped, id: abyss() }, { Records: [abyss(), record(1)] }]) {
      const { outcome } = await sense(event);
      if (!('error' in outcome)) throw new Error('it was accepted');
      expectNamed(outcome.error, 'MalformedInput');
    }
  });

  it('on the bus start the machine with the rule’s own constants, or not at all, and move nothing', async () => {
    const fixture = (name: string): BusEvent =>
      JSON.parse(readFileSync(join(__dirname, `../../sim/fixtures/${name}.json`), 'utf8')) as BusEvent;
    const alarm = fixture('alarm-metric');
    const detail = { 'instance-id': 'i-0aaaaaaaaaaaaaaa1', state: 'stopped' };
    const instance = { ...fixture('ec2-instance-state'), account: accountId, region: 'eu-central-1', detail };
    const command = {
      connection: 'rome',
      trigger: 'maintenance',
      path: 'a',
      force: true,
      until: '2030-01-01T00:00:00Z',
    };
    // The local cloud's timeline prints what it delivers, and cannot print an object without toString.
    const odd = (detail: object) => mutated(detail).filter((text) => !text.includes('"toString":'));
    const events = fc.oneof(
      // Elsewhere the name would lead to another rule, or to none.
      odd(alarm.detail).map((text) => ({
        ...alarm,
        ...command,
        detail: { ...command, ...(JSON.parse(text) as object), alarmName: alarm.detail['alarmName'] },
      })),
      odd(detail).map((text) => ({ ...instance, ...command, detail: { ...(JSON.parse(text) as object) } })),
    ) as fc.Arbitrary<BusEvent>;
    const property = fc.asyncProperty(fc.array(events, { minLength: 15, maxLength: 15 }), async (list) => {
      const cloud = await playQuiet(list.map((event, i) => at(20_000 + i * 2_000, (c) => c.bus.put(event))));
      const inputs = cloud.stepfunctions.executions.map(({ input }) => JSON.parse(input) as object);
      const byAlarm = inputs.filter((input) => 'source' in input && input.source === 'alarm');
      const alarms = list.filter((event) => event['detail-type'].includes('Alarm'));
      expect(byAlarm.length).toBeLessThanOrEqual(alarms.length); // Without its state an event matches no rule.
      expect(byAlarm.length).toBeGreaterThan(0);
      for (const input of byAlarm) expect(input).toEqual({ connection: 'paris', source: 'alarm' });
      for (const input of inputs) {
        expect(['connection', 'source']).toEqual(expect.arrayContaining(Object.keys(input)));
      }
      expect(routeWrites(cloud)).toEqual([]);
    });
    await fc.assert(property, { ...runs(1), endOnFailure: true });
  });
});

/** A stream batch may be empty: then there is nothing to say. */
const isBatch = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && 'Records' in event && Array.isArray(event.Records);
