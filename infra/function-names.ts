/** What is bundled and deployed, by the folder in `functions/` that it is made from. */
export const functionNames = [
  'canary',
  'sense',
  'assess',
  'apply',
  'sweep',
  'repin',
  'watch',
  'archive',
  'herald',
  'claim',
] as const;
export type FunctionName = (typeof functionNames)[number];
