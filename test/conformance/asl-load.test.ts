/**
 * What the runner refuses to load, and how it says so: by the feature's name and the state's, or as what AWS would not
 * create either.
 */
import { harness, pass, task } from './asl-harness';

type Row = readonly [what: string, state: object, message: RegExp, machine?: object];
const named = (rows: readonly Row[]) => rows.map((row) => [row[0], row] as const);

describe('loadMachine', () => {
  const refusal = (state: object, machine: object = {}): string => {
    try {
      harness({ A: state }, { machine });
      return 'loaded';
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
  };
  const lambda = 'arn:aws:states:::lambda:invoke';

  it.each(
    named([
      ['JSONPath states', pass({ QueryLanguage: 'JSONPath' }), /state 'A' uses JSONPath/],
      ['JSONPath machines', pass(), /state 'A' uses JSONPath/, { QueryLanguage: 'JSONPath' }],
      ['JSONPath fields', task({ Parameters: {} }), /state 'A' uses JSONPath \(the field Parameters\)/],
      ['path fields', task({ TimeoutSecondsPath: '$.t' }), /the field TimeoutSecondsPath/],
      ['unknown fields', pass({ Timeout: 1 }), /state 'A' uses the field Timeout/],
      ['unknown fields of a retrier', task({ Retry: [{ ErrorEquals: ['X'], Max: 1 }] }), /the field Retry\[0\]\/Max/],
      ['unknown fields of the machine', pass(), /the machine uses the field Tracing/, { Tracing: {} }],
      ['unknown types', { Type: 'Loop', End: true }, /the state type Loop/],
      ['activities', task({ Resource: 'arn:aws:states:eu-west-3:1:activity:x' }), /an activity as a resource/],
      ['.sync', task({ Resource: 'arn:aws:states:::states:startExecution.sync:2' }), /the .sync pattern/],
      [
        'item readers',
        { Type: 'Map', ItemProcessor: { StartAt: 'B', States: { B: pass() } }, ItemReader: {}, End: true },
        /distributed Map/,
      ],
      [
        'distributed Maps',
        {
          Type: 'Map',
          ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, StartAt: 'B', States: {} },
          End: true,
        },
        /state 'A' uses distributed Map/,
      ],
    ]),
  )('refuses %s by name', (_what, [, state, message, machine]) => {
    expect(refusal(state, machine)).toMatch(/^UnsupportedFeature: /);
    expect(refusal(state, machine)).toMatch(message);
  });

  it.each(
    named([
      ['a missing target', pass({ Next: 'B', End: undefined }), /state 'A': goes on to a state that is not there: B/],
      ['a missing catch target', task({ Catch: [{ ErrorEquals: ['X'], Next: 'B' }] }), /not there: B/],
      ['a missing start', pass(), /StartAt names no state/, { StartAt: 'B' }],
      ['a broken expression', pass({ Output: '{% $states.( %}' }), /state 'A': Output: .* is not JSONata: S0/],
      [
        'one in a catcher',
        task({ Catch: [{ ErrorEquals: ['X'], Next: 'A', Output: '{% ) %}' }] }),
        /Catch\[0\]\/Output/,
      ],
      ['newer JSONata', pass({ Output: '{% $a ?? 1 %}' }), /is not JSONata/],
      ['an open brace', pass({ Output: '{% 1' }), /'{%' without '%}'/],
      ['Next and End', pass({ Next: 'A' }), /either Next or End/],
      [
        'States.ALL before others',
        task({ Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['X'] }] }),
        /alone and last/,
      ],
      [
        'a Wait for two things',
        { Type: 'Wait', Seconds: 1, Timestamp: '2026-01-01T00:00:00Z', End: true },
        /either Seconds/,
      ],
      ['a wrong type', task({ Resource: lambda, TimeoutSeconds: -1 }), /TimeoutSeconds must be a whole number/],
    ]),
  )('refuses %s as invalid', (_what, [, state, message, machine]) => {
    expect(refusal(state, machine)).toMatch(/^InvalidDefinition: /);
    expect(refusal(state, machine)).toMatch(message);
  });

  it('takes a JSONata state in a machine of another language', () => {
    expect(refusal(pass({ QueryLanguage: 'JSONata' }), { QueryLanguage: undefined })).toBe('loaded');
  });
});
