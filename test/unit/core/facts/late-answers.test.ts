/** A canary that has given its rounds up, and then learned that answers come late. */
import { withLateAnswers } from '../../../../core/facts/late-answers';
import { down, evidence, memory, report, t0, turn } from '../../../given';

const late = { lateMs: 880, lateAt: t0 - 2_000, missedSince: t0 - 240_000, missedInARow: 300 };
const isLate = (id: string) => down(id, late);
const allLate = {
  'paris/path-a': isLate('paris/path-a'),
  'paris/path-b': isLate('paris/path-b'),
  'paris/office': isLate('paris/office'),
};
const slowFor = (ms: number) => ({ unserved: { office: { dark: null, hurt: null, slow: t0 - ms } } });

it('leaves alone what is dead, and what is answered', () => {
  const reports = {
    dead: down('dead'),
    well: report('well'),
    odd: report('odd', { lateMs: 900, lateAt: t0 }),
    gone: null,
  };
  expect(withLateAnswers(evidence({ reports })).reports).toEqual(evidence({ reports }).reports);
});

it('is slow, not dead: users are not called dark, nobody is to call the partner, and nothing is repaired', () => {
  const { decision, notice } = turn({
    evidence: evidence({ reports: allLate }),
    memory: memory(slowFor(200_000)),
  });
  expect(decision.kind).not.toBe('repair');
  expect(notice?.message).toContain('users of office wait 880 ms for each answer');
  expect(notice?.message).toContain('set attemptTimeout and degradedRtt: 1150ms');
  expect(notice?.message).toContain('severeRtt above that');
  expect(notice?.message).not.toMatch(/no answer|call the partner/);
});

it('is better than a path that is dead: users are brought there', () => {
  const reports = { ...allLate, 'paris/path-a': down('paris/path-a', { missedSince: t0 - 10_000 }) };
  expect(turn({ evidence: evidence({ reports }) }).decision).toMatchObject({ kind: 'divert', moves: [{ to: 'b' }] });
});
