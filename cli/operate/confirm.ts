/** A question before what cannot be taken back; asked only where somebody sits. */
import { createInterface } from 'node:readline/promises';
import { WronglyAsked } from './exit-codes';
import type { SessionOptions } from './session';

export interface Confirming extends SessionOptions {
  readonly yes?: true;
}

/** Throws WronglyAsked where nobody says yes. */
export async function confirm(what: string, { yes, json, local }: Confirming): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY || json || local !== undefined)
    throw new WronglyAsked(`${what}: nobody is asked here; add --yes`);
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asked.question(`${what}. Type yes to go on: `).finally(() => asked.close());
  if (answer.trim() !== 'yes') throw new WronglyAsked('nothing was done');
}
