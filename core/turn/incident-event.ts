/**
 * What a program hears of an incident, beside each notice: docs/EVENTS.md, docs/incident-event.schema.json. Every event
 * says all, so that whoever missed one, or got one twice, knows as much as everybody.
 */
import { isQuiet } from '../assess/quiet';
import type { View } from '../decide/view';
import type { IncidentEvent } from '../words/decision';
import { harmless } from '../words/malformed';
import { instantText } from '../words/time';
import { darkSoFarMs, explainCommand } from './letter';
import { situationOf } from './situation';

type Detail = IncidentEvent['detail'];

/** What the notice says as well. */
export interface EventNews extends Pick<Detail, 'incidentId' | 'status' | 'needsPeople' | 'execution'> {
  readonly summary: string;
  readonly announcements: readonly string[];
  readonly open: readonly string[];
  readonly next: string;
}

export function incidentEvent(view: View, news: EventNews): IncidentEvent {
  const { deployment, connection, memory, now } = view;
  const { paths } = situationOf(view);
  return {
    detailType: `switchback.incident.${news.status}`,
    detail: {
      version: '1',
      ...news,
      announcements: news.announcements.map(harmless),
      open: news.open.map(harmless),
      next: harmless(news.next),
      severity: severityOf(view, news),
      deployment: deployment.name,
      region: deployment.region,
      connection: connection.name,
      at: instantText(now),
      openedAt: instantText(memory.incident?.openedAt ?? now),
      paths,
      routeSets: setsOf(view),
      explain: explainCommand(news.incidentId, deployment.name, deployment.region),
    },
  };
}

function setsOf(view: View): Detail['routeSets'] {
  const { sets } = situationOf(view);
  return Object.fromEntries(
    Object.values(view.assessment.sets).map((set) => [
      set.routeSet,
      { on: sets[set.routeSet]!, users: set.users.state, darkMs: darkSoFarMs(view, set) },
    ]),
  );
}

function severityOf(view: View, { status, needsPeople }: EventNews): Detail['severity'] {
  if (status === 'closed') return 'info';
  const suffers = Object.values(view.assessment.sets).some(
    ({ users }) => users.state === 'dark' || users.state === 'severe',
  );
  if (suffers && !isQuiet(view)) return 'critical';
  return needsPeople ? 'error' : 'warning';
}
