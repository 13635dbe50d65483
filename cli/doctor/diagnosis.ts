/**
 * What a check says: how bad it is, what it is about, what was found, why that matters and which command mends it.
 *
 *     FAIL ....... Switchback would not do what it is there for
 *     WARN ....... it would, and something beside it is not as it should be
 *     ok ......... looked at, and well
 *     unknown .... could not be looked at; never a pass
 */
export type DiagnosisLevel = 'FAIL' | 'WARN' | 'ok' | 'unknown';

export interface Diagnosis {
  readonly level: DiagnosisLevel;
  /** A gateway, a canary, a table; empty: the whole deployment. */
  readonly about: string;
  readonly found: string;
  /** Of FAIL and WARN: what comes of it. */
  readonly why: string;
  /** Of FAIL and WARN: what mends it, a command where there is one. Of `unknown`: what would let us look. */
  readonly mend: string;
  /** Of `unknown`: AWS refused to say, or did not answer. Absent: nobody could know from here. */
  readonly missed?: 'denied' | 'unanswered';
}

/** Of FAIL and WARN. */
export interface Trouble {
  readonly about: string;
  readonly found: string;
  readonly why: string;
  readonly mend: string;
}

export const fail = (trouble: Trouble): Diagnosis => ({ level: 'FAIL', ...trouble });
export const warn = (trouble: Trouble): Diagnosis => ({ level: 'WARN', ...trouble });
export const well = (found: string): Diagnosis => ({ level: 'ok', about: '', found, why: '', mend: '' });
export const unknown = (about: string, found: string, mend: string): Diagnosis => ({
  level: 'unknown',
  about,
  found,
  why: '',
  mend,
});

/** What is wrong, or, where nothing is, that this was looked at. */
export const orWell = (troubles: readonly Diagnosis[], found: string): readonly Diagnosis[] =>
  troubles.length > 0 ? troubles : [well(found)];

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
