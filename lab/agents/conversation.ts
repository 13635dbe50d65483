/**
 * The agent's side of the conversation: one question a line in, one answer a line out, `{id: 0}` when it is ready.
 */
import { createInterface } from 'node:readline';

const say = (id: number, answer: object): void => void process.stdout.write(`${JSON.stringify({ id, ...answer })}\n`);

/** Ends the process when the lab closes the line. */
export function converse(answer: (question: Record<string, unknown>) => Promise<object>): void {
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const { id, ...question } = JSON.parse(line) as { id: number };
      void answer(question).then((said) => say(id, said));
    })
    .on('close', () => process.exit(0));
  say(0, {});
}
