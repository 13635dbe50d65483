/** What a command says when it cannot do what it was asked. */
const peers = ['aws-cdk-lib', 'constructs'];

/**
 * The message alone; a stack trace would bury it. A package that is not there has its cause said: whoever installed the
 * command without its peers meets this at the first command that synthesizes, and only there.
 */
export function problemText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const missing = /^Cannot find (?:module|package) '([^'/]+)/.exec(error.message)?.[1];
  if (missing === undefined || !peers.includes(missing)) return error.message;
  return `this command makes the template, for which ${missing} is not installed: npm install ${peers.join(' ')}`;
}
