/**
 * The rule language of composite alarms: ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA(c)), TRUE, FALSE.
 */
import type { AlarmValue } from './alarm-state';

export type AlarmRule =
  | { readonly kind: 'state'; readonly state: AlarmValue; readonly alarm: string }
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'not'; readonly rule: AlarmRule }
  | { readonly kind: 'and' | 'or'; readonly left: AlarmRule; readonly right: AlarmRule };

export function evaluateRule(rule: AlarmRule, stateOf: (alarm: string) => AlarmValue): boolean {
  switch (rule.kind) {
    case 'state':
      return stateOf(rule.alarm) === rule.state;
    case 'constant':
      return rule.value;
    case 'not':
      return !evaluateRule(rule.rule, stateOf);
    case 'and':
      return evaluateRule(rule.left, stateOf) && evaluateRule(rule.right, stateOf);
    case 'or':
      return evaluateRule(rule.left, stateOf) || evaluateRule(rule.right, stateOf);
  }
}

export function parseAlarmRule(text: string): AlarmRule {
  const tokens = text.match(/"[^"]*"|[()]|[^\s()"]+/g) ?? [];
  let next = 0;
  const fail = (): never => {
    throw new Error(`Alarm rule '${text}' is not understood at '${tokens[next] ?? 'its end'}'`);
  };
  const take = (wanted: string): void => {
    if (tokens[next] !== wanted) fail();
    next++;
  };
  const either = (): AlarmRule => {
    let left = both();
    while (tokens[next] === 'OR') {
      next++;
      left = { kind: 'or', left, right: both() };
    }
    return left;
  };
  const both = (): AlarmRule => {
    let left = single();
    while (tokens[next] === 'AND') {
      next++;
      left = { kind: 'and', left, right: single() };
    }
    return left;
  };
  const single = (): AlarmRule => {
    const token = tokens[next++];
    switch (token) {
      case 'NOT':
        return { kind: 'not', rule: single() };
      case 'TRUE':
      case 'FALSE':
        return { kind: 'constant', value: token === 'TRUE' };
      case '(': {
        const rule = either();
        take(')');
        return rule;
      }
      case 'ALARM':
      case 'OK':
      case 'INSUFFICIENT_DATA': {
        take('(');
        const alarm = (tokens[next++] ?? fail()).replaceAll('"', '');
        take(')');
        return { kind: 'state', state: token, alarm };
      }
      default:
        next--;
        return fail();
    }
  };
  const rule = either();
  if (next < tokens.length) fail();
  return rule;
}
