/**
 * Who can speak, in the order in which they are asked; docs/ARCHITECTURE.md, "The rules", has the numbers people use.
 * `request` answers a command, before any rule.
 */
export const ruleNames = [
  'request',
  'stand-still',
  'rescue',
  'last-resort',
  'severe',
  'dark-users',
  'brake',
  'undo',
  'word',
  'order',
  'split',
  'repair',
  'maintenance',
  'rehearsal',
  'failback',
  'help',
  'due',
  'rest',
  'evidence',
] as const;
export type RuleName = (typeof ruleNames)[number];
