/**
 * When a gateway is given time instead of a repair. A machine that boots answers nobody and mends itself; restarting it
 * into its boot only prolongs that. And what is wrong shows step by step: the canary's gateway probe within seconds,
 * EC2's status checks within minutes; whoever blames before they have spoken blames the wrong side.
 *
 * Law: every wait has an end, after which the ladder goes on.
 */
import type { PathAssessment } from '../assess/assessment';
import { isQuietHour } from '../assess/quiet';
import type { Patience } from '../gateways/kind';
import type { PathName } from '../words/domain';
import { limits } from '../words/policy';
import { own } from '../words/shape';
import { type Instant, minuteMs, secondMs, spanText } from '../words/time';
import type { View } from './view';

/**
 * A rekey's gap is over by then; a restart in the middle of it would only make it longer. Within this the others of a
 * shared gateway have noticed, too, whether the whole of it is dead or one tunnel.
 */
const blipMs = 15 * secondMs;
/** The gateway probe has spoken by then. */
const blameAfterMs = minuteMs;
/** EC2's status checks notice a hang within 2.5 minutes, 6 at the latest. */
const checksNoticeMs = 6 * minuteMs;

/**
 * Null: a tunnel that mends itself, as at a rekey, would have by now; whoever shares its gateway has noticed; and the
 * gateway probe, which needs three seconds of silence and a report, has told whether the whole machine is silent.
 */
export function blipPatience(view: View, path: PathAssessment): Patience | null {
  const until = downSince(view, path) + blipMs;
  if (until <= view.now) return null;
  return {
    until,
    because: `path ${path.path} may mend itself: nothing is done to its gateway before ${spanText(blipMs)}`,
  };
}

/** Null: what could still show that it is our own side has had the time to. */
export function blamePatience(view: View, path: PathAssessment): Patience | null {
  const { now, memory } = view;
  const silence = memory.silence[path.gateway];
  const awaitsChecks = path.gatewayProbe === 'down' && path.ownSide !== 'failed' && silence !== undefined;
  const until = awaitsChecks ? silence.since + checksNoticeMs : downSince(view, path) + blameAfterMs;
  if (until <= now) return null;
  const what = awaitsChecks
    ? "EC2's status checks have"
    : path.gatewayProbe === 'none'
      ? 'what AWS tells has'
      : 'the gateway probe and EC2 have';
  return { until, because: `path ${path.path} is down, and ${what} not had the time to show why` };
}

/** A canary counts anew each minute; and a path that only its users call down has no first missed probe. */
export function downSince({ memory, now }: View, { path, failingSince }: PathAssessment): Instant {
  const known = own(memory.downSince, path);
  if (failingSince !== null) return Math.min(failingSince, known ?? failingSince);
  return memory.incident?.openedAt ?? known ?? now;
}

/** EC2 shows a stop some seconds late: in an open window a machine that has just gone silent may be on its way down. */
export function doubtUntil(view: View, path: PathName): Instant | null {
  const seen = view.assessment.paths[path];
  if (seen === undefined || seen.verdict !== 'down' || seen.instanceState !== 'running') return null;
  if (!isQuietHour(view.connection, view.now)) return null;
  const announced = view.evidence.observations[seen.gateway]?.at ?? 0;
  const until = Math.max(seen.failingSince ?? 0, announced) + limits.quietDoubtMs;
  return until > view.now ? until : null;
}
