/**
 * Histories as people hand them in: whole, without their data, cut off, damaged, and with somebody's escape sequences.
 * Told sensibly, or refused with the event and the field; and nothing reaches the terminal that moves its cursor.
 */
import fc from 'fast-check';
import { harmlessValue, jsonLine } from '../../../cli/harmless';
import { timelineFromHistory } from '../../../cli/history';
import { datedSentences, sentences } from '../../../cli/sentences';
import { harmless, isHarmless } from '../../../core/words/malformed';

// biome-ignore lint/suspicious/noExplicitAny: tests write wrong things into it on purpose.
type History = any;

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 5, 0, 0, seconds)).toISOString();
const decided = (because: string): string => JSON.stringify({ decision: { kind: 'divert', because } });

const whole = (): History => ({
  events: [
    {
      timestamp: at(0),
      type: 'ExecutionStarted',
      executionStartedEventDetails: { input: JSON.stringify({ connection: 'paris', source: 'alarm' }) },
    },
    { timestamp: at(1), type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'Assess' } },
    {
      timestamp: at(2),
      type: 'TaskStateExited',
      stateExitedEventDetails: { name: 'Assess', output: decided('path a is down') },
    },
    { timestamp: at(2), type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'DivertRoutes' } },
    { timestamp: at(3), type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'NotifyPeople' } },
    {
      timestamp: at(3),
      type: 'TaskScheduled',
      taskScheduledEventDetails: {
        parameters: JSON.stringify({
          Message:
            'Users served.\n\nWhy:\ndivert: office from a to b\n\nOpen:\nNothing is asked.\n\nNow:\n  path a: down',
        }),
      },
    },
    { timestamp: at(3), type: 'TaskSucceeded' },
    { timestamp: at(3), type: 'TaskStateExited', stateExitedEventDetails: { name: 'NotifyPeople' } },
    { timestamp: at(9), type: 'SucceedStateEntered', stateEnteredEventDetails: { name: 'Parked' } },
  ],
});

const told = (change: (history: History) => void = () => {}): string[] => {
  const history = whole();
  change(history);
  return sentences(timelineFromHistory(JSON.stringify(history), 'h.json'));
};

it('tells a whole history', () => {
  expect(told()).toEqual([
    'At once, a signal came (alarm, for paris).',
    'After 2.0 s, it decided to divert, because path a is down.',
    'After 3.0 s, people were told: divert: office from a to b. Nothing is asked.',
    'After 9.0 s, it parked: path a is down.',
  ]);
});

it('says who asked for what, until when and why', () => {
  const asked = { trigger: 'maintenance', connection: 'paris', path: 'a', until: '2026-01-05T02:00:00Z' };
  const input = JSON.stringify({ ...asked, reason: 'new kernel', requestedBy: 'ana' });
  expect(told((h) => (h.events[0].executionStartedEventDetails = { input }))[0]).toBe(
    'At once, a signal came (ana asks: maintenance of paris, path a, until 2026-01-05T02:00:00Z: new kernel).',
  );
});

it('does not say that people were told what could not be sent', () => {
  const lines = told((h) => {
    h.events = h.events.filter(({ type }: { type: string }) => type !== 'TaskSucceeded');
  });
  expect(lines).toContain('After 3.0 s, people could not be told: divert: office from a to b. Nothing is asked.');
  expect(lines.join()).not.toContain('were told');
});

it('tells a real run under the times that clocks on the wall had', () => {
  const entries = timelineFromHistory(JSON.stringify(whole()), 'h.json');
  expect(datedSentences(entries).slice(0, 3)).toEqual([
    'On 2026-01-05, times in UTC:',
    '00:00:00Z a signal came (alarm, for paris).',
    '00:00:02Z it decided to divert, because path a is down.',
  ]);
});

it('takes the seconds that the command line prints by default', () => {
  const inSeconds = told((h) => {
    for (const event of h.events) event.timestamp = Date.parse(event.timestamp) / 1_000;
  });
  expect(inSeconds).toEqual(told());
});

it('tells a history without its data as far as it goes, and says what is missing', () => {
  const bare = told((h) => {
    for (const event of h.events) {
      if (event.executionStartedEventDetails) event.executionStartedEventDetails = { roleArn: 'arn' };
      delete event.stateExitedEventDetails?.output;
      if (event.taskScheduledEventDetails) event.taskScheduledEventDetails = { resource: 'publish' };
    }
  });
  expect(bare).toEqual([
    'At once, a signal or a command came.',
    'After 2.0 s, it decided to divert.',
    'After 3.0 s, people were told.',
    'After 9.0 s, it parked.',
    expect.stringMatching(/the reasons are not in this history.*--no-include-execution-data/),
  ]);
  expect(bare.join()).not.toMatch(/undefined|null|NaN/);
});

it.each(['NextToken', 'nextToken'])('says that a history with a %s goes on', (token) => {
  expect(told((h) => (h[token] = 'x')).at(-1)).toMatch(/the history goes on, but this file does not/);
});

const damaged: readonly [what: string, change: (history: History) => void, message: RegExp][] = [
  ['no events', (h) => delete h.events, /^h\.json has no "events"/],
  ['events that are none', (h) => (h.events = 'x'), /^h\.json has no "events"/],
  ['an empty list', (h) => (h.events = []), /^h\.json holds no event/],
  ['null for an event', (h) => (h.events[1] = null), /^h\.json: event 2: null must be a group of fields/],
  ['a list for an event', (h) => (h.events[1] = []), /event 2: \[\] must be a group/],
  ['no timestamp', (h) => delete h.events[2].timestamp, /event 3: timestamp: missing must be a time/],
  ['a timestamp that is none', (h) => (h.events[2].timestamp = 'soon'), /event 3: timestamp: "soon" must be a time/],
  ['a timestamp out of range', (h) => (h.events[2].timestamp = 1e300), /event 3: timestamp: 1e\+300 must be a time/],
  ['a null timestamp', (h) => (h.events[2].timestamp = null), /event 3: timestamp: null must be a time/],
  ['no type', (h) => delete h.events[0].type, /event 1: type: missing must be a text/],
  [
    'details that are a text',
    (h) => (h.events[3].stateEnteredEventDetails = 'x'),
    /event 4: stateEnteredEventDetails: "x" must be a group/,
  ],
  [
    'a state without a name',
    (h) => (h.events[3].stateEnteredEventDetails = {}),
    /event 4: stateEnteredEventDetails\.name: missing must be a text/,
  ],
];

it.each(damaged)('names what is wrong with %s', (_, change, message) => {
  expect(() => told(change)).toThrow(message);
});

it.each([
  ['{"events": [', /^h\.json is not JSON/],
  ['null', /^h\.json has no "events"/],
  ['[]', /^h\.json has no "events"/],
  ['7', /^h\.json has no "events"/],
])('refuses %j', (text, message) => {
  expect(() => timelineFromHistory(text, 'h.json')).toThrow(message);
});

it('does without a field that Step Functions has cut in the middle', () => {
  expect(told((h) => (h.events[2].stateExitedEventDetails.output = '{"decision": {"becau'))[1]).toBe(
    'After 2.0 s, it decided to divert.',
  );
  expect(told((h) => (h.events[0].executionStartedEventDetails.input = '"paris"'))[0]).toMatch(/a signal or a command/);
});

it('never ends in an error of its own making, whatever is put where', () => {
  fc.assert(
    fc.property(fc.nat(5), fc.string(), fc.jsonValue(), (i, field, value) => {
      const history = whole();
      const fields = [...Object.keys(history.events[i]), field];
      for (const name of fields) {
        const broken = structuredClone(history);
        broken.events[i][name] = value;
        try {
          const said = sentences(timelineFromHistory(JSON.stringify(broken), 'h.json')).join(' ');
          expect(said).not.toMatch(/\bundefined\b|\bNaN\b|\[object/);
        } catch (error) {
          expect((error as Error).message).toMatch(/^h\.json/);
        }
      }
    }),
    { numRuns: 200 },
  );
});

const evil = 'well\u001b[2J\nAfter 1.0 s, it finished: all is well\u202egnihton\u009b1A\u2028\u0000\u{e0041}\ud800';

it('spells out what a terminal would obey, and nothing else', () => {
  expect(harmless(evil)).toBe(
    'well\\u001b[2J\\u000aAfter 1.0 s, it finished: all is well\\u202egnihton\\u009b1A\\u2028\\u0000\\udb40\\udc41\\ud800',
  );
  const fine = 'Łódź → Kraków, 200 ms, “ok”, 東京, שלום, 👩‍💻';
  expect(harmless(fine)).toBe(fine);
});

it('leaves JSON the same value', () => {
  const value = { [evil]: [evil, { a: evil }] };
  expect(JSON.parse(jsonLine(value))).toEqual(value);
  expect(isHarmless(jsonLine(value).trimEnd())).toBe(true);
  expect(isHarmless(Object.keys(harmlessValue(value))[0]!)).toBe(true);
});
