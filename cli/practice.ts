/**
 * `switchback practice`: the commands of an operator, one after the other, in one local cloud. Time stands still while
 * nothing is typed, so that a night can be read as slowly as one likes:
 *
 *     0:00.0 > wait 3m
 *       2:03.1  mail  [switchback] paris: …
 *     3:00 > status
 *
 * From a file or a pipe each line is shown before its answer, so that the whole reads like the real thing.
 */
import { createInterface } from 'node:readline';
import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { split } from 'shlex';
import { harmless, harmlessLines } from '../core/words/malformed';
import { simulationStart } from '../local-cloud/latency';
import { addExamining } from './doctor/program';
import { endFrom, exitCodes } from './operate/exit-codes';
import { footingOn, type LocalFooting } from './operate/local';
import { openLocal } from './operate/open-local';
import { spanFrom } from './operate/operate';
import { practiseIn } from './operate/options';
import { addOperating } from './operate/program';
import { scenarioClock } from './scenario-clock';
import { wrapped } from './terminal';

const help = `Type a command as against an account: status, explain, plan, maintenance, pause, ack, doctor … (help: all of them), or
  wait 2m   let time pass; the mails that are sent meanwhile are shown
  mail      read the last mail whole
  exit`;

/** Ends with the code of the last command. */
export async function practise(scenario: string): Promise<number> {
  let footing: LocalFooting;
  try {
    footing = await openLocal({ name: '', local: scenario, at: 0, timeout: 0 });
  } catch (error) {
    process.stderr.write(`switchback: ${harmless(endFrom(error).text)}\n`);
    return exitCodes.usage;
  }
  practiseIn({ footing, as: (own) => footingOn(footing.cloud, own) });
  const practice = new Practice(footing);
  process.stdout.write(`${help}\n`);
  const isSeen = process.stdin.isTTY === true;
  const lines = createInterface({ input: process.stdin, output: process.stdout, terminal: isSeen });
  lines.setPrompt(practice.prompt());
  if (isSeen) lines.prompt();
  for await (const line of lines) {
    if (!isSeen) process.stdout.write(`${practice.prompt()}${line}\n`);
    if (!(await practice.take(line))) break;
    lines.setPrompt(practice.prompt());
    if (isSeen) lines.prompt();
  }
  lines.close();
  return Number(process.exitCode ?? 0);
}

class Practice {
  /** Of the inbox: how many were shown. */
  private shown = 0;

  constructor(private readonly footing: LocalFooting) {}

  prompt(): string {
    return `${clockText(this.footing.clock.now())} > `;
  }

  /** False: no more is wanted. */
  async take(line: string): Promise<boolean> {
    const words = wordsOf(line);
    const [first, second] = words;
    if (first === undefined) return true;
    if (first === 'exit') return false;
    process.exitCode = 0;
    if (first === 'wait') await this.wait(second ?? '');
    else if (first === 'mail') this.readMail();
    else await command(words);
    this.sayMail();
    return true;
  }

  private async wait(span: string): Promise<void> {
    try {
      await this.footing.pass(spanFrom(span));
    } catch (error) {
      process.stdout.write(`${harmless(endFrom(error).text)}\n`);
      process.exitCode = exitCodes.usage;
    }
  }

  private sayMail(): void {
    const { inbox } = this.footing.cloud.topics;
    for (const { at, subject } of inbox.slice(this.shown)) {
      const head = `  ${clockText(at)}  mail  `;
      process.stdout.write(pc.blue(`${head}${wrapped(harmless(subject), head.length)}\n`));
    }
    this.shown = inbox.length;
  }

  private readMail(): void {
    const last = this.footing.cloud.topics.inbox.at(-1);
    process.stdout.write(
      last === undefined ? 'No mail yet.\n' : `Subject: ${harmless(last.subject)}\n\n${harmlessLines(last.message)}\n`,
    );
  }
}

/** Without what a shell would need before them. */
function wordsOf(line: string): string[] {
  const text = line.replace(/^\s*(\$\s*)?/, '');
  if (text.startsWith('#')) return [];
  let words: string[];
  try {
    words = split(text);
  } catch {
    words = text.split(' '); // A quote that is not closed.
  }
  const named = words.findIndex((word) => !['npx', 'switchback'].includes(word));
  return named === -1 ? [] : words.slice(named);
}

async function command(words: readonly string[]): Promise<void> {
  const program = new Command('switchback').exitOverride();
  addOperating(program);
  addExamining(program);
  for (const one of program.commands) one.exitOverride();
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
  }
}

const clockText = (at: number): string => scenarioClock(at - simulationStart);
