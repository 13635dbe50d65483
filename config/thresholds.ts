/**
 * A connection's policy: a preset with overrides, and whether the numbers still make sense together.
 *
 * An override that breaks the sense of another number (a round that ends after the next one starts) would not fail
 * at run time, it would quietly judge wrongly; so it is refused here, where the author can see it.
 */
import { type Policy, presets } from '../core/words/policy';
import { own } from '../core/words/shape';
import { spanText } from '../core/words/time';
import { type AuthorPolicy, plainNames, spans } from './policy-schema';
import type { Finding, Step } from './problems';

type Overrides = Exclude<AuthorPolicy, string>;

export function policyFrom(author: AuthorPolicy): Policy {
  if (typeof author === 'string') return presets[author];
  const { preset, rungDeadlineMs, rungDeadline, ...overrides } = author;
  const renamed = Object.entries(stated(overrides)).map(([name, value]) => [fullName(name), value]);
  const policy: Policy = { ...presets[preset], ...Object.fromEntries(renamed) };
  return {
    ...policy,
    ...countedSilence(author, policy),
    rungDeadlineMs: {
      ...presets[preset].rungDeadlineMs,
      ...stated(rungDeadlineMs ?? {}),
      ...stated(rungDeadline ?? {}),
    },
  };
}

/** Rounds that somebody has counted are a time to them, however much more closely a silence is probed. */
function countedSilence(author: Overrides, { downAfterRounds, roundIntervalMs }: Policy): Partial<Policy> {
  const isCounted = author.downAfterRounds !== undefined && written(author, 'downAfterMs') === null;
  return isCounted ? { downAfterMs: downAfterRounds * roundIntervalMs } : {};
}

/** The policy's name for a field the author wrote. */
const fullName = (name: string): string => own(spans as Record<string, { of: string }>, name)?.of ?? name;

/** Only what the author wrote: an absent override must not erase the preset's number. */
function stated<T extends object>(overrides: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(overrides).filter(([, v]) => v !== undefined)) as never;
}

/** `left` must stay below `right`, because. */
const orders: readonly { left: keyof Policy; right: keyof Policy; because: string }[] = [
  {
    left: 'attemptTimeoutMs',
    right: 'roundIntervalMs',
    because: 'an attempt must end before the next round starts',
  },
  {
    left: 'secondAttemptAfterMs',
    right: 'attemptTimeoutMs',
    because: 'the second attempt must start while the first may still answer',
  },
  {
    left: 'reportIntervalMs',
    right: 'freshMaxMs',
    because: 'a report must arrive while the last one is still fresh',
  },
  {
    left: 'freshMaxMs',
    right: 'silentAfterMs',
    because: 'evidence goes stale before its canary counts as silent',
  },
  { left: 'degradedLossRatio', right: 'severeLossRatio', because: 'severe is worse than degraded' },
  { left: 'degradedRttMs', right: 'severeRttMs', because: 'severe is worse than degraded' },
];

export function policyFindings(author: AuthorPolicy, under: readonly Step[]): Finding[] {
  if (typeof author === 'string') return [];
  const policy = policyFrom(author);
  const findings = orders
    .filter(({ left, right }) => (policy[left] as number) >= (policy[right] as number))
    .map(({ left, right, because }): Finding => {
      const field = written(author, left) ?? written(author, right) ?? plainName(left);
      const message = `makes ${sized(policy, left)} reach ${sized(policy, right)}: ${because}`;
      return { at: [...under, field], kind: 'numbers-disagree', message };
    });
  if (policy.soakMs > policy.soakMaxMs) {
    findings.push({
      at: [...under, written(author, 'soakMs') ?? written(author, 'soakMaxMs') ?? 'soak'],
      kind: 'numbers-disagree',
      message: `makes ${sized(policy, 'soakMs')} longer than ${sized(policy, 'soakMaxMs')}: raise soakMax`,
    });
  }
  const window = policy.failbackWindow;
  if (window !== undefined && window.fromHourUtc === window.toHourUtc) {
    findings.push({
      at: [...under, 'failbackWindow'],
      kind: 'empty-window',
      message: 'is empty: write two different hours, or remove it',
    });
  }
  return [...findings, ...writtenTwice(author, under)];
}

function writtenTwice(author: Overrides, under: readonly Step[]): Finding[] {
  return oldNames(author)
    .filter((name) => author[plainName(name) as keyof Overrides] !== undefined)
    .map((name) => {
      const message = `is ${plainName(name)} once more, under its old name: write one of the two`;
      return { at: [...under, name], kind: 'written-twice', message };
    });
}

/** What is read for now, and says so. */
export function oldNameFindings(author: AuthorPolicy, under: readonly Step[]): Finding[] {
  if (typeof author === 'string') return [];
  return oldNames(author).map((name) => {
    const message = `is the old name of ${plainName(name)}: write ${plainName(name)}, with a unit, such as ${plainName(name)}: 15m`;
    return { at: [...under, name], kind: 'old-name', message };
  });
}

const oldNames = (author: Overrides): string[] =>
  Object.keys(plainNames).filter((name) => author[name as keyof Overrides] !== undefined);

const plainName = (name: string): string => own(plainNames, name) ?? name;

/** The name the author wrote for this number; null: it is the preset's. */
function written(author: Overrides, name: keyof Policy): string | null {
  return [plainName(name), name].find((one) => author[one as keyof Overrides] !== undefined) ?? null;
}

function sized(policy: Policy, name: keyof Policy): string {
  const value = policy[name] as number;
  return `${plainName(name)} (${name.endsWith('Ms') ? spanText(value) : value})`;
}
