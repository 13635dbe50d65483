/**
 * What starts runs of a deployment by itself, switched off and on: rules, the stream of reports, schedules of drills. All
 * of them are tried, whatever becomes of one: what fails is said, and the same command tries it again.
 */
import { DisableRuleCommand, EnableRuleCommand } from '@aws-sdk/client-eventbridge';
import { attempt } from '../../adapters/attempt';
import { harmless } from '../../core/words/malformed';
import {
  drillScheduleName,
  type Starters,
  scheduledDrills,
  startersFrom,
  startersParameter,
} from '../../core/words/whereabouts';
import { wrapped } from '../terminal';
import { type ExitCode, endFrom, exitCodes, WronglyAsked } from './exit-codes';
import { readParameters, type Session } from './session';

/** Something that could not be done, and why. */
export interface Failure {
  readonly what: string;
  readonly error: unknown;
}

/** All that starts runs by itself, and what breaking the glass switches off. */
export interface Switched extends Starters {
  /** Names of schedules of drills. */
  readonly schedules: readonly string[];
}

export async function startersOf({ world, whereabouts, deployment }: Session): Promise<Switched> {
  const { name, starters: parts = 0 } = whereabouts;
  const names = Array.from({ length: parts }, (_, i) => startersParameter(name, i + 1));
  const starters = startersFrom(await readParameters(world.aws.ssm, world, names));
  if (starters === null)
    throw new WronglyAsked(
      `${startersParameter(name, 1)} cannot be read: deploy once more, or use the stack's outputs Starters and ReportsStream`,
    );
  return { ...starters, schedules: scheduledDrills(deployment).map((one) => drillScheduleName(deployment, one.name)) };
}

/** All of them, whatever becomes of one: what fails is said, and the same command tries it again. */
export async function switchStarters(
  session: Session,
  starters: Switched,
  on: boolean,
  failures: Failure[],
): Promise<void> {
  const { events, switchMapping, switchSchedule } = session.breakGlass();
  const { world } = session;
  const operation = on ? 'EnableRule' : 'DisableRule';
  await Promise.all([
    noting(failures, streamText(starters.reportsStream), () =>
      attempt(world, { operation: 'UpdateEventSourceMapping', on: starters.reportsStream }, () =>
        switchMapping(starters.reportsStream, on),
      ),
    ),
    ...starters.schedules.map((name) =>
      noting(failures, scheduleText(name), () =>
        attempt(world, { operation: 'UpdateSchedule', on: name }, () => switchSchedule(name, on)),
      ),
    ),
    ...starters.rules.map((Name) =>
      noting(failures, Name, async () => {
        const command = on ? new EnableRuleCommand({ Name }) : new DisableRuleCommand({ Name });
        await attempt(world, { operation, on: Name }, () => events.send(command));
      }),
    ),
  ]);
}

export async function noting(failures: Failure[], what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    failures.push({ what, error });
  }
}

export const codeOf = ([first]: readonly Failure[]): ExitCode =>
  first === undefined ? exitCodes.well : endFrom(first.error).code;

/** By name: all but what failed. */
export function switched({ rules, schedules, reportsStream }: Switched, failures: readonly Failure[]): string {
  const all = [...rules, ...schedules.map(scheduleText), streamText(reportsStream)];
  return all.filter((name) => !failures.some(({ what }) => what === name)).join(', ') || 'nothing';
}

const scheduleText = (name: string): string => `schedule ${name}`;

const streamText = (id: string): string => `stream ${id}`;

export const failureText = ({ what, error }: Failure): string =>
  `${what}: ${endFrom(error).text.replace('attach OperatorPolicy', 'attach BreakGlassPolicy')}`;

export const failed = (failures: readonly Failure[]) =>
  failures.length === 0
    ? {}
    : { failures: failures.map(({ what, error }) => ({ what, because: failureText({ what, error }) })) };

export const line = (label: string, text: string): string => `${label.padEnd(9)} ${wrapped(harmless(text), 10)}`;
