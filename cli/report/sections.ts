/** The page's parts below the chart, each a heading and what belongs under it. */
import type { IncidentNotice } from '../../core/turn/incident-record';
import { spanText } from '../../core/words/time';
import { type Html, html, nothing } from './html';
import type { AskedEntry, DecisionEntry, IncidentReport, Measure, RouteDiff, RouteRow } from './incident-report';
import { countText, timeOf, usdText } from './words';

export function numbersOf({ measures, dark }: IncidentReport): Html {
  const felt = dark.map(
    ({ set, ms, by }) =>
      html`<li><span class="label">Dark: users of ${set}</span> <span class="value">${ms === null ? 'not known' : ms === 0 ? 'none' : spanText(ms)}</span> <span class="note">${by}</span></li>`,
  );
  return html`<ul class="cards">${felt}${measures.map(measureOf)}</ul>${budgetOf(measures)}`;
}

/** Detect, decide, act, recover as one bar, each where it began and ended, and how much time was promised for all. */
function budgetOf(measures: readonly Measure[]): Html {
  const steps = measures.flatMap(({ step, ms }) => (step === undefined || ms === null ? [] : [{ step, ms }]));
  const budgetMs = measures.find(({ step }) => step === 'recover')?.budgetMs ?? null;
  if (steps.length < 2) return nothing;
  const endMs = Math.max(budgetMs ?? 0, ...steps.map(({ ms }) => ms)) * 1.02;
  const share = (ms: number): string => `${((ms / endMs) * 100).toFixed(2)}%`;
  const parts = steps.map(({ step, ms }, i) => {
    const from = i === 0 ? 0 : steps[i - 1]!.ms;
    const tone = tones[i % tones.length]!;
    return html`<svg x="${share(from)}" width="${share(Math.max(0, ms - from))}" height="100%"><rect class="t-${tone}" width="100%" height="100%"/><text class="in-${tone}" x="4" y="15">${step}</text></svg>`;
  });
  const said = steps.map(({ step, ms }, i) => `${step} ${spanText(ms - (i === 0 ? 0 : steps[i - 1]!.ms))}`).join(', ');
  const promised =
    budgetMs === null
      ? 'nothing is promised of this policy'
      : `promised: users served again within ${spanText(budgetMs)}`;
  const limit =
    budgetMs === null
      ? ''
      : html`<line class="limit" x1="${share(budgetMs)}" x2="${share(budgetMs)}" y1="0" y2="100%"/>`;
  return html`<figure class="budgeted"><svg class="track" role="img" aria-label="${said}; ${promised}">${parts}${limit}</svg>
<figcaption>${said}; ${promised}${budgetMs === null ? '' : ' (the dashed line)'}.</figcaption></figure>`;
}

const tones = ['weak', 'planned', 'work', 'bad'] as const;

function measureOf({ what, ms, budgetMs, note }: Measure): Html {
  const isOver = ms !== null && budgetMs !== null && ms > budgetMs;
  const budget =
    ms === null || budgetMs === null
      ? ''
      : html`<span class="budget ${isOver ? 'over' : 'kept'}">${isOver ? 'over' : 'within'} ${spanText(budgetMs)}</span>`;
  return html`<li><span class="label">${what}</span> <span class="value">${ms === null ? '–' : spanText(ms)}</span> ${budget} <span class="note">${note}</span></li>`;
}

export function openOf({ open, closedAt }: IncidentReport): Html {
  if (open.length === 0)
    return html`<p>${closedAt === null ? 'The incident is open, and all is as it should be: it is watched for a while yet.' : 'Nothing.'}</p>`;
  return html`<div class="asks"><ul class="plain">${open.map((one) => html`<li>${one}</li>`)}</ul></div>`;
}

export function movesOf({ marks }: IncidentReport): Html {
  if (marks.length === 0) return html`<p>No traffic was moved.</p>`;
  return html`<ol class="plain">${marks.map(({ at, kind, text }) => html`<li>${timeOf(at)} <strong>${kind}</strong>: ${text}</li>`)}</ol>`;
}

export function routesOf({ columns, rows, remarks }: RouteDiff): Html {
  const notes = remarks.map((remark) => html`<li>${remark}</li>`);
  const list = notes.length === 0 ? '' : html`<p>What was tried and did not take:</p><ul class="plain">${notes}</ul>`;
  if (rows.length === 0) return html`<p>No route was written.</p>${list}`;
  const heads = columns.map(({ title, at }) => html`<th scope="col">${title} ${at === null ? '' : timeOf(at)}</th>`);
  return html`<div class="scroll" role="region" aria-label="Routes, one a line" tabindex="0"><table>
<thead><tr><th scope="col">table, destination</th>${heads}</tr></thead><tbody>${rows.map(routeRow)}</tbody></table></div>${list}`;
}

/** What changed against the column before stands struck out above what it became. */
function routeRow({ table, destination, targets }: RouteRow): Html {
  const cells = targets.map((target, i) => {
    const text = target ?? 'no route';
    const before = i === 0 ? target : targets[i - 1]!;
    if (before === target)
      return html`<td class="${i === 0 ? '' : 'muted'}">${i === 0 ? '' : '= '}<span class="id">${text}</span></td>`;
    return html`<td><del class="id">− ${before ?? 'no route'}</del><br><ins class="id">+ ${text}</ins></td>`;
  });
  return html`<tr><th scope="row"><span class="id">${table}</span><br><span class="id">${destination}</span></th>${cells}</tr>`;
}

/** A decision to wait is no act: it is told, more quietly. */
const quiet = ['hold', 'record_request'];

export function decisionsOf({ decisions }: IncidentReport): Html {
  if (decisions.length === 0) return html`<p>No decision is in what could be read.</p>`;
  return html`<ol class="entries">${decisions.map(decisionOf)}</ol>`;
}

function decisionOf({ at, until, kind, rule, because, outcome, evidence, raw }: DecisionEntry): Html {
  const again = until === at ? '' : html`<br><span class="muted">to ${timeOf(until)}</span>`;
  const isQuiet = quiet.includes(kind);
  const basis = html`<ul class="plain">${evidence.map((one) => html`<li>${one}</li>`)}</ul>`;
  return html`<li><div>${timeOf(at)}${again}</div><div class="${isQuiet ? 'minor' : ''}">
<p><span class="tag ${tagOf(kind)}">${kind.replaceAll('_', ' ')}</span> ${because}</p>
${outcome === '' ? '' : html`<p>→ ${outcome}</p>`}
${isQuiet || evidence.length === 0 ? '' : html`<p class="muted">Seen:</p>${basis}`}
<details><summary>${isQuiet ? 'evidence, ' : ''}rule, raw</summary>${isQuiet ? basis : ''}<p>Rule: ${rule}</p><pre>${JSON.stringify(raw, null, 2)}</pre></details></div></li>`;
}

function tagOf(kind: string): string {
  if (kind === 'escalate' || kind === 'refuse_request') return 't-bad';
  if (kind === 'finish') return 't-well';
  return kind === 'hold' || kind === 'park' ? 't-blank' : 't-work';
}

export function toldOf({ told }: IncidentReport): Html {
  if (told.length === 0) return html`<p>Nobody was told anything.</p>`;
  return html`<ol class="entries">${told.map(noticeOf)}</ol>`;
}

function noticeOf({ at, to, subject, text, isSent }: IncidentNotice): Html {
  return html`<li><div>${timeOf(at)}</div><div>
<p>${isSent ? '' : html`<span class="tag t-bad">not sent</span> `}<strong>${subject}</strong></p>
<p class="muted">to topic ${to.split(':').at(-1)}</p>
<details><summary>as it was sent</summary><pre>${text}</pre></details></div></li>`;
}

export function askedOf({ asked }: IncidentReport): Html {
  return html`<ol class="entries">${asked.map(askOf)}</ol>`;
}

function askOf({ at, who, what, outcome, isRefused }: AskedEntry): Html {
  return html`<li><div>${timeOf(at)}</div><div><p><strong>${who}</strong> asked for ${what}</p><p>${isRefused ? html`<span class="tag t-bad">refused</span> ` : '→ '}${outcome}</p></div></li>`;
}

export function undoneOf({ undone }: IncidentReport): Html {
  if (undone.length === 0) return html`<p>Nothing that a rule spoke of.</p>`;
  return html`<ul class="plain">${undone.map(({ what, whys }) => html`<li><strong>${what}</strong><ul>${whys.map((why) => html`<li>${why}</li>`)}</ul></li>`)}</ul>`;
}

export function costSection({ cost }: IncidentReport): Html {
  const total = cost.lines.reduce((sum, { usd }) => sum + usd, 0);
  const rows = cost.lines.map(
    ({ what, quantity, usd }) =>
      html`<tr><th scope="row">${what}</th><td class="number">${quantity}</td><td class="number">${usdText(usd)}</td></tr>`,
  );
  return html`<div class="scroll" role="region" aria-label="Cost, line by line" tabindex="0"><table><tbody>${rows}<tr><th scope="row">together</th><td></td><td class="number"><strong>${usdText(total)}</strong></td></tr></tbody></table></div><p class="muted">${cost.remark}</p>`;
}

export function sourcesOf({ executions, unread }: IncidentReport): Html {
  const gaps =
    unread.length === 0
      ? ''
      : html`<p>What could not be read:</p><ul class="plain">${unread.map((one) => html`<li>${one}</li>`)}</ul>`;
  return html`${gaps}<details><summary>${countText(executions.length, 'execution')}</summary><ul class="plain">${executions.map((arn) => html`<li class="id">${arn}</li>`)}</ul></details>`;
}
