/** A name in DNS that follows a gateway: when a replacement has done its part, and what people hear where it has not. */
import { instanceKind } from '../../../../core/gateways/instance';
import { instanceRungs } from '../../../../core/gateways/instance-rungs';
import type { Facts } from '../../../../core/gateways/kind';
import { recordConcerns, recordParameters, seesToRecord, withRecord } from '../../../../core/gateways/name-record';
import { seeRungs } from '../../../../core/remember/rung-ends';
import type { Seen } from '../../../../core/remember/seen';
import type { RungRun } from '../../../../core/store/memory';
import type { InstanceGateway } from '../../../../core/words/domain';
import type { AutomationFacts } from '../../../../core/words/evidence';
import { instanceAt } from '../../../../core/words/gateways';
import { connection, deployment, evidence, memory, rung, t0 } from '../../../given';

const record = { zoneId: 'Z012345', name: 'vpn-a.example.net', ttlSeconds: 30 };
const withEip: InstanceGateway = { ...instanceAt(deployment(), 'gw-a'), record };
const { address: _, ...alone } = withEip;
const [was, is] = ['198.51.100.1', '198.51.100.2'];
const nothing = 'No output available yet because the step is not successfully executed';

const run = (over: Partial<RungRun> = {}): RungRun => rung({ rung: 'replace', record: 'follows', ...over });
const ended = (status: AutomationFacts['status'], outputs: AutomationFacts['outputs'], failure = '') =>
  ({ id: 'x', status, endedAt: t0, outputs, failure }) as const;
const outcome = (facts: AutomationFacts) =>
  withRecord(run(), facts, { result: facts.status === 'success' ? 'success' : 'failed' });

describe('a replacement that succeeded', () => {
  it.each([
    ['says the new address', { RecordIs: is, PublicIp: is }, 'right', `its name says ${is}`],
    ['says the old one', { RecordIs: was, PublicIp: is }, 'wrong', `says ${was} and should say ${is}`],
    [
      'was not asked',
      { RecordIs: nothing, PublicIp: is },
      'wrong',
      `could not be asked what it says and should say ${is}`,
    ],
    ['has nothing to say', { RecordIs: was, PublicIp: nothing }, 'wrong', `says ${was}, nor EC2 what it should say`],
    ['has outputs of neither', {}, 'wrong', 'could not be asked what it says, nor EC2 what it should say'],
  ] as const)('whose name %s', (_what, outputs, state, said) => {
    expect(outcome(ended('success', outputs))).toEqual({ result: 'success', record: state, said });
  });

  it('of a gateway without a name says nothing of one', () => {
    const { record: _name, ...nameless } = run();
    const facts = ended('success', { RecordIs: nothing });
    expect(withRecord(nameless, facts, { result: 'success' })).toEqual({ result: 'success' });
  });
});

describe('a replacement that failed', () => {
  it('and gave the name back is a failure like any other', () => {
    expect(outcome(ended('failed', { RecordWas: was, RecordBack: was, RecordIs: is }))).toEqual({ result: 'failed' });
  });

  it('before the name was changed is too', () => {
    expect(outcome(ended('failed', { RecordWas: nothing, RecordBack: nothing }))).toEqual({ result: 'failed' });
    expect(outcome(ended('refused', {}))).toEqual({ result: 'failed' });
  });

  it.each([
    [is, `says ${is} and should say ${was}`],
    [nothing, `could not be asked what it says and should say ${was}`],
  ])('and left the name at %s', (RecordBack, said) => {
    expect(outcome(ended('failed', { RecordWas: was, RecordBack }))).toEqual({
      result: 'failed',
      record: 'wrong',
      said,
    });
  });
});

const facts = (rungs: readonly RungRun[]): Facts => ({
  deployment: deployment(),
  connection: connection(),
  evidence: evidence(),
  memory: memory({ rungs }),
  now: t0,
});
const wrong = run({
  endedAt: t0 - 60_000,
  result: 'success',
  record: 'wrong',
  said: `says ${was} and should say ${is}`,
});
const use = { works: true, acknowledgedAt: 0 };

describe('people', () => {
  it('hear what the name says, what it should, and where to write it', () => {
    expect(recordConcerns(facts([wrong]), alone, use)).toEqual([
      {
        key: 'record/gw-a',
        text: expect.stringMatching(
          /^vpn-a\.example\.net, the name of gateway gw-a, says 198\.51\.100\.1 and should say 198\.51\.100\.2: .* zone Z012345 of Route 53/,
        ),
      },
    ]);
    expect(instanceKind.concerns(facts([wrong]), alone, use)).toHaveLength(1);
  });

  it.each([
    ['it is right', [{ ...wrong, record: 'right' as const }]],
    ['another replacement has put it right', [wrong, run({ endedAt: t0, result: 'success', record: 'right' })]],
    ['nothing was replaced', []],
    ['it runs yet', [{ ...wrong, endedAt: null }]],
    ["it is another gateway's", [{ ...wrong, gateway: 'gw-b' }]],
  ])('hear nothing where %s', (_what, rungs) => {
    expect(recordConcerns(facts(rungs), alone, use)).toEqual([]);
  });

  it('hear no more of it once they have said that it is seen to', () => {
    expect(recordConcerns(facts([wrong]), alone, { ...use, acknowledgedAt: t0 })).toEqual([]);
  });

  it('are told that it is done only where it is', () => {
    const seen = (outputs: AutomationFacts['outputs']) => {
      const look = { automation: ended('success', outputs), mayHaveBegun: true, hasBegun: true, hasNotBegun: false };
      const { rungs, told } = seeRungs(memory({ rungs: [run()] }), { ...look, startFault: '', now: t0 } as Seen);
      return { record: rungs[0]!.record, told: told.map(({ text }) => text) };
    };
    expect(seen({ RecordIs: is, PublicIp: is })).toEqual({
      record: 'right',
      told: [`done: replace on gw-a: its name says ${is}`],
    });
    expect(seen({ RecordIs: was, PublicIp: is })).toEqual({ record: 'wrong', told: [] });
  });
});

describe('a rung', () => {
  it('sees to the name of a gateway that has one, and to no other', () => {
    expect(recordParameters(alone)).toEqual({
      RecordZone: ['Z012345'],
      RecordName: ['vpn-a.example.net'],
      RecordTtl: ['30'],
    });
    expect(recordParameters(instanceAt(deployment(), 'gw-a'))).toMatchObject({
      RecordZone: ['none'],
      RecordName: ['none'],
    });
    const nameless = instanceAt(deployment(), 'gw-a');
    expect([alone, nameless].map((one) => seesToRecord(recordParameters(one)))).toEqual([true, false]);
    expect(seesToRecord({ InstanceId: ['i-1'] })).toBe(false);
  });
});

describe('the ladder', () => {
  const fits = (gateway: InstanceGateway): boolean => {
    const deployed = { ...deployment(), gateways: { ...deployment().gateways, 'gw-a': gateway } };
    const path = { path: 'a', because: '', ownFault: 'machine', ownSideBecause: '', instanceState: 'running' } as const;
    return instanceRungs['stop-start'].fits({ ...facts([]), deployment: deployed }, { ...path, agentLost: false });
  };

  it('stops no machine whose name would then lead nowhere', () => {
    expect([fits(alone), fits(withEip), fits(instanceAt(deployment(), 'gw-a'))]).toEqual([false, true, true]);
  });
});
