/**
 * Runs one battery: SPIN makes a verifier of the model, the C compiler builds it, and it searches every interleaving.
 * A battery that must be violated is searched breadth first, so that its trail is a shortest one; the verifier's own
 * replay is then told in the model's words, which are the labels (states of the state machine) and line comments.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Battery, modelFolder } from './batteries';

export interface SpinOutcome {
  /** `holds`, the name of the violated law, or what else SPIN said. */
  readonly verdict: string;
  readonly states: number;
  readonly depth: number;
  readonly seconds: number;
  readonly megabytes: number;
  /** One line per step, when the verdict is a violation. */
  readonly trail: readonly string[];
}

/** In MB; a search that needs more is cut off, and says so. */
const memoryMax = 2_000;
const depthMax = 400_000;

export function isInstalled(tool: string): boolean {
  return spawnSync(tool, [tool === 'spin' ? '-V' : '--version'], { stdio: 'ignore' }).status === 0;
}

/** Throws when the tools refuse the model: that is a mistake in it, not a verdict. */
export function run(battery: Battery): SpinOutcome {
  const folder = mkdtempSync(join(tmpdir(), 'model-check-'));
  try {
    const source = `${battery.model}.pml`;
    cpSync(modelFolder, folder, { recursive: true });
    must(folder, 'spin', ['-a', ...splitFlags(battery.flags), source]);
    must(folder, 'cc', [...compilerFlags(battery), '-o', 'pan', 'pan.c']);
    const search = battery.claim === undefined ? [] : ['-a', '-f', '-N', battery.claim];
    const startedAt = process.hrtime.bigint();
    const { stdout } = spawnSync(join(folder, 'pan'), [`-m${depthMax}`, '-w22', ...search], {
      cwd: folder,
      encoding: 'utf8',
    });
    const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
    const verdict = verdictIn(stdout, battery.claim);
    return {
      verdict,
      states: numberIn(stdout, /^\s*([\d.e+]+) states, stored/m),
      depth: numberIn(stdout, /depth reached (\d+)/),
      seconds,
      megabytes: numberIn(stdout, /^\s*([\d.]+)\s+total actual memory usage/m),
      trail: verdict === 'holds' ? [] : trailOf(folder, battery),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Small searches are over before an optimised verifier would be compiled. */
function compilerFlags(battery: Battery): string[] {
  const isSmall = battery.quick === true || battery.expect !== 'holds';
  const kind =
    battery.claim !== undefined ? ['-DNFAIR=4'] : battery.expect === 'holds' ? ['-DSAFETY'] : ['-DSAFETY', '-DBFS'];
  return [isSmall ? '-O0' : '-O2', '-w', '-DCOLLAPSE', '-DVECTORSZ=512', `-DMEMLIM=${memoryMax}`, ...kind];
}

function verdictIn(report: string, claim: string | undefined): string {
  const asserted = /assertion violated (\w+)/.exec(report);
  if (asserted !== null) return asserted[1]!;
  if (/invalid end state \(at/.test(report)) return 'deadlock';
  if (/acceptance cycle|non-progress cycle/.test(report)) return claim ?? 'cycle';
  if (/max search depth too small|out of memory|Search not completed/i.test(report)) return 'search not completed';
  if (/errors: 0/.test(report)) return 'holds';
  throw new Error(`the verifier gave no verdict: ${report}`);
}

/** The verifier stops before the step that breaks the law, so that one is missing: it is the next of its process. */
function trailOf(folder: string, battery: Battery): string[] {
  const source = `${battery.model}.pml`;
  const lines = readFileSync(join(modelFolder, source), 'utf8').split('\n');
  const numbers = firstNumbers(lines, battery.flags);
  const { stdout } = spawnSync(join(folder, 'pan'), ['-r', `${source}.trail`], { cwd: folder, encoding: 'utf8' });
  const steps: { readonly text: string; times: number }[] = [];
  for (const line of stdout.split('\n')) {
    const step = /proc\s+(\d+) \((\w+)\) \S+?:(\d+) .*\[(.*)\]/.exec(line);
    if (step === null) continue;
    const [, pid, name = '', ownLine, action = ''] = step;
    const first = numbers.get(name);
    const words = told(lines, Number(/D_STEP(\d+)/.exec(action)?.[1] ?? ownLine) - 1);
    if (words === '') continue;
    const text = `${first === undefined ? name : `${name} ${Number(pid) - first}`}: ${words}`;
    const last = steps.at(-1);
    if (last?.text === text) last.times++;
    else steps.push({ text, times: 1 });
  }
  return steps.map(({ text, times }) => (times === 1 ? text : `${text} (${times} times)`));
}

/** By process type with several copies, the number of its first: they are numbered as declared. */
function firstNumbers(lines: readonly string[], flags: string): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  const runs = Number(/-DRUNS=(\d)/.exec(flags)?.[1] ?? 3);
  let next = 0;
  for (const line of lines) {
    const declared = /^active (?:\[(\w+)\] )?proctype (\w+)/.exec(line);
    if (declared === null) continue;
    const [, copies, name] = declared;
    if (copies !== undefined) numbers.set(name!, next);
    next += copies === undefined ? 1 : copies === 'RUNS' ? runs : Number(copies);
  }
  return numbers;
}

/** The label above and the comment beside a step. */
function told(lines: readonly string[], at: number): string {
  const label = lines
    .slice(0, at + 1)
    .reverse()
    .map((line) => /^(?:end_)?(\w+):/.exec(line)?.[1])
    .find((found) => found !== undefined);
  const action = commentAt(lines, at);
  const isState = label !== undefined && /^[A-Z]/.test(label);
  return action === undefined ? '' : `${isState ? `${label}: ` : ''}${action}`;
}

/** On the line itself, alone on the line above it, or where the step ends. */
function commentAt(lines: readonly string[], at: number): string | undefined {
  if (/(CRASHES|DIES)_HERE/.test(lines[at]!)) return 'crashes here';
  const above = /^\s*(\/\* .* \*\/)$/.exec(lines[at - 1] ?? '')?.[1] ?? '';
  return [lines[at]!, above, ...lines.slice(at + 1, at + 6)]
    .map((line) => /\/\* (.*?) \*\/\s*$/.exec(line)?.[1])
    .find((found) => found !== undefined);
}

function must(folder: string, tool: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(tool, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${tool} ${args.join(' ')}: ${stdout}${stderr}`);
}

const splitFlags = (text: string): string[] => text.split(' ').filter((word) => word !== '');
const numberIn = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);
