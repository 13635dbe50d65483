/**
 * A connection's policy: a preset with overrides, and whether the numbers still make sense together.
 *
 * An override that breaks the sense of another number (a round that ends after the next one starts) would not fail
 * at run time, it would quietly judge wrongly; so it is refused here, where the author can see it.
 */
import { type Policy, presets } from '../core/policy';
import { type AuthorPolicy, spanNames } from './policy-schema';
import type { Finding, Step } from './problems';

export function policyFrom(author: AuthorPolicy): Policy {
  if (typeof author === 'string') return presets[author];
  const { preset, rungDeadlineMs, ...overrides } = author;
  const renamed = Object.entries(stated(overrides)).map(([name, value]) => [plainName(name) ?? name, value]);
  return {
    ...presets[preset],
    ...Object.fromEntries(renamed),
    rungDeadlineMs: { ...presets[preset].rungDeadlineMs, ...stated(rungDeadlineMs ?? {}) },
  };
}

/** The policy's name for a span the author wrote under its plain one; null: it is no such name. */
function plainName(name: string): keyof Policy | null {
  return Object.hasOwn(spanNames, name) ? spanNames[name as keyof typeof spanNames] : null;
}

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
  const twice = Object.entries(spanNames).filter(
    ([plain, full]) => author[plain as keyof typeof spanNames] !== undefined && author[full] !== undefined,
  );
  const findings = orders
    .filter(({ left, right }) => (policy[left] as number) >= (policy[right] as number))
    .map(({ left, right, because }): Finding => {
      const field = author[left] === undefined ? right : left;
      return {
        at: [...under, field],
        message: `makes ${left} (${policy[left]}) reach ${right} (${policy[right]}): ${because}`,
      };
    });
  findings.push(
    ...twice.map(([plain, full]) => ({ at: [...under, plain], message: `is ${full} once more: write one of the two` })),
  );
  if (policy.soakMs > policy.soakMaxMs) {
    findings.push({
      at: [...under, author.soakMs === undefined ? 'soakMaxMs' : 'soakMs'],
      message: `makes soakMs (${policy.soakMs}) longer than soakMaxMs (${policy.soakMaxMs}): raise soakMaxMs`,
    });
  }
  const window = policy.failbackWindow;
  if (window !== undefined && window.fromHourUtc === window.toHourUtc) {
    findings.push({
      at: [...under, 'failbackWindow'],
      message: 'is empty: write two different hours, or remove it',
    });
  }
  return findings;
}
