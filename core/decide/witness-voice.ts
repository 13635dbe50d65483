/**
 * What people must hear of witnesses that say nothing: a canary that does not run, or cannot write its report. Its silence
 * moves nobody, and while all is well nothing else is the worse for it, so nobody would miss it before the night on which
 * it was to prove the other path. Questions.
 */
import { areRoutesUnread } from '../assess/assessment';
import { watchesPath, watchesUsersOf } from '../words/canaries';
import type { Canary, CanaryId } from '../words/domain';
import type { Evidence } from '../words/evidence';
import { limits } from '../words/policy';
import { own } from '../words/shape';
import { type Instant, instantText, spanText } from '../words/time';
import type { Concern } from './concern';
import type { View } from './view';

/**
 * Of paths and sets of which no canary has reported for minutes, and nothing else shows how they are: a path whose machine
 * is stopped needs no witness. Where none of the connection's has, the brake says so; and metrics, which stand in for reports
 * that cannot be read, do not say who wrote last.
 */
export function witnessConcerns(view: View): Concern[] {
  const { connection, assessment, evidence } = view;
  if (evidence.unwrittenSince !== undefined && !view.failOpen) return unwritable(view, evidence.unwrittenSince);
  if (evidence.reportsFrom === 'none') return blind(view);
  if (assessment.mass || evidence.reportsFrom === 'metrics' || view.failOpen) return [];
  const paths = Object.keys(connection.paths).map((path) => ({
    key: `unheard/path/${path}` as const,
    isUnknown: assessment.paths[path]?.verdict === 'unknown',
    isIts: watchesPath(path),
    means: `nothing proves path ${path}: users are moved onto it as a last resort only`,
  }));
  const sets = Object.keys(connection.routeSets).map((set) => ({
    key: `unheard/users/${set}` as const,
    isUnknown: assessment.sets[set]?.users.state === 'unknown',
    isIts: watchesUsersOf(set),
    means: `nobody sees whether users of ${set} are served`,
  }));
  return [...paths, ...sets]
    .filter(({ key, isUnknown }) => isUnknown || key in view.memory.told)
    .flatMap(({ key, isIts, means }) => unheard(view, key, isIts, means));
}

/**
 * Users may be in the dark beside a path that works, and whoever knows cannot be asked. Only a run gets to say it, which a
 * signal has started or an incident keeps: a minute of AWS's while all is quiet is nobody's concern. A denial says what to
 * allow (`deniedConcerns`).
 */
function blind(view: View): Concern[] {
  const { memory, evidence, connection, failOpen, now } = view;
  const [since, key] = [memory.blindSince ?? now, 'unheard/all'] as const;
  const isRefused = (evidence.denied ?? []).length > 0;
  if (failOpen || isRefused || (now - since < limits.blindToldMs && !(key in memory.told))) return [];
  const text = `what the canaries of ${connection.name} measure cannot be read, neither their reports (DynamoDB) nor their metrics (CloudWatch), since ${instantText(since)}: nobody can be rescued until one of the two answers; see whether users are served (the alarms that end in /reachable), and move them by hand if they are not`;
  return [{ key, urgent: true, text }];
}

/** All of them measure, so it is what they write to, or their way there: one mend, and one concern. */
function unwritable(view: View, since: Instant): Concern[] {
  const key = 'unheard/reports';
  if (view.now - since < limits.unwritableToldMs && !(key in view.memory.told)) return [];
  const { name } = view.connection;
  const text = `canaries of ${name} measure and cannot write their reports, since ${instantText(since)}: allow PutItem on the reports table, or mend their way to DynamoDB (its endpoint and that one's policy; their log groups say which); until then their metrics decide, which are up to 30 s old: users are rescued later, and nothing is restarted by them`;
  return [{ key, urgent: false, text }];
}

/** Each message names the call and what it was about; a person needs one of each, not all. */
const deniedToldMax = 3;

/**
 * A look that is refused harms nobody while all is well, and decides on the night on which it is needed: without the
 * route tables nothing is moved, without instances nothing is repaired.
 */
export function deniedConcerns({ evidence, failOpen }: View): Concern[] {
  const denied = [...new Set(evidence.denied ?? [])].slice(0, deniedToldMax);
  if (denied.length === 0 || failOpen) return [];
  const means = meaning(evidence);
  const text = `AWS refuses to be asked: ${denied.join('; ')}: allow it (a policy above the account, most likely); ${means}`;
  return [{ key: 'unasked', urgent: false, text }];
}

function meaning(evidence: Evidence): string {
  if (areRoutesUnread(evidence)) return 'until then nobody can be rescued';
  if (evidence.reportsFrom === 'none') return 'until then nobody knows which path works';
  if (evidence.reportsFrom === 'table') return 'until then not all can be repaired';
  return 'until then the metrics of canaries decide, which are up to 30 s old: users are rescued later, and nothing is restarted by them';
}

/** It does report, and would be fresh long after its death: that it is the clock, nobody would guess. */
function aheadText({ evidence }: View, canaries: readonly CanaryId[], means: string): string {
  const clocks = canaries.map((id) => `the clock of canary ${id} is ${spanText(evidence.aheadMs![id]!)} ahead of ours`);
  return `${clocks.join(' and ')}, so its reports cannot be believed and ${means}; deploy its function anew, so that Lambda gives it another machine`;
}

function unheard(view: View, key: Concern['key'], isIts: (canary: Canary) => boolean, means: string): Concern[] {
  const canaries = view.connection.canaries.filter(isIts).map(({ id }) => id);
  const heard = canaries.map((id): Instant | null => view.evidence.reports[id]?.reportedAt ?? null);
  const fast = canaries.filter((id) => own(view.evidence.aheadMs ?? {}, id) !== undefined);
  if (fast.length === canaries.length && fast.length > 0)
    return [{ key, urgent: false, text: aheadText(view, fast, means) }];
  // A canary that never spoke has no beginning of its silence: doctor and its alarm are for that.
  const known = heard.filter((at) => at !== null);
  const last = Math.max(0, ...known);
  const lasts = known.length > 0 ? view.now - last >= limits.unheardToldMs : key in view.memory.told;
  if (!lasts) return [];
  const since = known.length === 0 ? '' : ` since ${instantText(last)}`;
  const who = canaries.length === 1 ? `canary ${canaries[0]} has` : `canaries ${canaries.join(' and ')} have`;
  const look =
    'see whether its function runs and its subnet reaches DynamoDB (its log group; the alarm that ends in /silent)';
  return [{ key, urgent: false, text: `${who} not reported${since}, so ${means}; ${look}` }];
}
