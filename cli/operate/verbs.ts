/**
 * The commands that ask something of Switchback: drain and give back, pause and resume, send users home, acknowledge.
 * Each is an input of the state machine, and nothing else: no command writes to a table or a route.
 */
import { stateTable } from '../../adapters/dynamodb/state-table';
import { harmless } from '../../core/words/malformed';
import { limits } from '../../core/words/policy';
import { instantText, spanText } from '../../core/words/time';
import { wrapped } from '../terminal';
import { type Answer, ask, type CommandInput, understood } from './ask';
import { callerName } from './caller';
import { type ExitCode, exitCodes, Unanswered, WronglyAsked } from './exit-codes';
import { type Outcome, oneOfNames, spanFrom, type Work } from './operate';
import type { Session, SessionOptions } from './session';

export interface AskOptions extends SessionOptions {
  readonly as?: string;
  readonly for?: string;
  readonly until?: string;
  readonly reason?: string;
  readonly soft?: true;
  readonly force?: true;
  readonly all?: true;
  readonly set?: string;
  readonly gateway?: string;
}

type Fields = Readonly<Record<string, unknown>>;

export const startMaintenance =
  (connection: string | undefined, path: string | undefined, options: AskOptions): Work =>
  async (session) =>
    askEach(session, options, 'maintenance', [await placeOf(session, connection, path, options)], {
      ...untilIn(session, options),
      reason: options.reason,
      ...(options.soft && { drain: 'soft' }),
      ...(options.force && { force: true }),
    });

export const finishMaintenance =
  (connection: string | undefined, path: string | undefined, options: AskOptions): Work =>
  async (session) =>
    askEach(session, options, 'maintenance_end', [await placeOf(session, connection, path, options)], {});

export const pause =
  (connection: string | undefined, options: AskOptions): Work =>
  async (session) =>
    askEach(session, options, 'pause', connectionsIn(session, connection, options), {
      ...untilIn(session, options),
      reason: options.reason,
    });

export const resume =
  (connection: string | undefined, options: AskOptions): Work =>
  async (session) =>
    askEach(session, options, 'resume', connectionsIn(session, connection, options), {});

export const acknowledge =
  (connection: string | undefined, options: AskOptions): Work =>
  async (session) =>
    askEach(session, options, 'acknowledge', connectionsIn(session, connection, options), {});

export const failback =
  (connection: string, options: AskOptions): Work =>
  async (session) =>
    askEach(session, options, 'failback', connectionsIn(session, connection, options), {
      ...(options.set !== undefined && { routeSet: options.set }),
    });

export const rehearse =
  (connection: string, options: AskOptions): Work =>
  async (session) =>
    askEach(session, options, 'rehearsal', connectionsIn(session, connection, options), {});

/** `--measure` waits for its end, and says what it was like for users. */
export const drill =
  (connection: string, options: AskOptions & { readonly measure?: true }): Work =>
  async (session) => {
    const askedAt = session.world.now();
    const asked = await askEach(session, options, 'drill', connectionsIn(session, connection, options), {
      ...(options.set !== undefined && { routeSet: options.set }),
    });
    return options.measure && asked.code === exitCodes.well ? measured(session, connection, askedAt, asked) : asked;
  };

/** A drill lasts some minutes; one that cannot begin is given up sooner. */
const measuredMsMax = limits.drillWordMs + limits.drillMs + limits.dueSoonMs;
const measureEveryMs = 5_000;

async function measured(session: Session, connection: string, askedAt: number, asked: Outcome): Promise<Outcome> {
  const { world, whereabouts } = session;
  const table = stateTable(world.aws.dynamodb, whereabouts.stateTable, world);
  while (world.now() < askedAt + measuredMsMax) {
    const last = (await table.readConnection(connection))?.memory.lastDrill ?? null;
    if (last !== null && last.openedAt >= askedAt) {
      const { outcome, because, darkMs, openedAt } = last;
      const line = answerLine(outcome, `${because}; users were dark for ${spanText(darkMs)}`);
      const json = { outcome, because, darkMs, openedAt: instantText(openedAt) };
      return { code: outcome === 'passed' ? exitCodes.well : exitCodes.notWell, lines: [...asked.lines, line], json };
    }
    await world.sleep(measureEveryMs);
  }
  throw new Unanswered(`the drill of ${connection} has not ended within ${spanText(measuredMsMax)}: see explain`);
}

/** Users stay there till its time is up, or `failback`. */
export const divert =
  (connection: string, routeSet: string | undefined, options: AskOptions & { readonly to: string }): Work =>
  async (session) =>
    askEach(session, options, 'divert', connectionsIn(session, connection, options), {
      ...untilIn(session, options, divertSpan),
      ...(routeSet !== undefined && { routeSet }),
      to: options.to,
      reason: options.reason,
    });

/** Long enough for a night's work; whoever needs more says so. */
const divertSpan = '1d';

/** Checked all before one is sent: of a wrong command for ten connections, none goes out. */
async function askEach(
  session: Session,
  options: AskOptions,
  trigger: string,
  places: readonly Fields[],
  fields: Fields,
): Promise<Outcome> {
  const requestedBy = options.as ?? callerName(await session.callerArn());
  const inputs = places.map((place): CommandInput => ({ ...place, trigger, ...defined(fields), requestedBy }));
  for (const input of inputs) understood(session, input, session.world.now());
  const answers = await Promise.all(inputs.map((input) => ask(session, input, options.timeout)));
  const code = worstOf(answers);
  const outcome = answers.find((answer) => codeOf[answer.outcome] === code)!.outcome;
  return { code, lines: answers.flatMap(answerLines), json: { outcome, answers } };
}

const codeOf = {
  recorded: exitCodes.well,
  refused: exitCodes.refused,
  failed: exitCodes.unreachable,
} as const satisfies Record<Answer['outcome'], ExitCode>;

const worstOf = (answers: readonly Answer[]): ExitCode =>
  Math.max(...answers.map(({ outcome }) => codeOf[outcome])) as ExitCode;

const answerLine = (label: string, text: string): string => `${label.padEnd(9)} ${wrapped(harmless(text), 10)}`;

const answerLines = ({ outcome, because, mend, execution }: Answer): string[] => [
  answerLine(outcome, because),
  ...(mend === '' ? [] : [answerLine('mend', mend)]),
  ...(outcome === 'failed' ? [answerLine('look', execution)] : []),
];

const defined = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** A path of a connection, or a gateway with all paths over it. */
async function placeOf(
  { deployment }: Session,
  connection: string | undefined,
  path: string | undefined,
  { gateway }: AskOptions,
): Promise<Fields> {
  if (gateway !== undefined) {
    if (connection !== undefined) throw new WronglyAsked('name a connection and its path, or --gateway, not both');
    return { gateway: oneOfNames(gateway, Object.keys(deployment.gateways), 'gateway') };
  }
  if (connection === undefined || path === undefined)
    throw new WronglyAsked('name a connection and its path, or --gateway with all paths over it');
  const { paths } = deployment.connections[oneOfNames(connection, Object.keys(deployment.connections), 'connection')]!;
  return { connection, path: oneOfNames(path, Object.keys(paths), 'path') };
}

function connectionsIn({ deployment }: Session, connection: string | undefined, { all }: AskOptions): Fields[] {
  const names = Object.keys(deployment.connections);
  if (all === true) {
    if (connection !== undefined) throw new WronglyAsked('name a connection or --all, not both');
    return names.map((name) => ({ connection: name }));
  }
  if (connection === undefined) throw new WronglyAsked(`name a connection (${names.join(', ')}) or --all`);
  return [{ connection: oneOfNames(connection, names, 'connection') }];
}

/** `--for` counts from now, by the clock of whoever asks. */
function untilIn({ world }: Session, { for: given, until }: AskOptions, usual?: string): Fields {
  const span = given ?? (until === undefined ? usual : undefined);
  if (given !== undefined && until !== undefined) throw new WronglyAsked('say --for or --until, not both');
  if (span === undefined && until === undefined)
    throw new WronglyAsked('say how long: --for 2h, or --until 2026-01-05T06:00:00Z');
  return { until: span === undefined ? until : instantText(world.now() + spanFrom(span)) };
}
