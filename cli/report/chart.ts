/**
 * The Gantt chart, as SVG that needs no script: each lane's stretches by share of the time axis, moves as numbered lines
 * through all of them, and under it the places where the page's script draws what canaries measured.
 */
import { type Instant, minuteMs, secondMs, spanText } from '../../core/words/time';
import { colours } from './chart-data';
import { type Html, html, nothing } from './html';
import type { IncidentReport, Lane, Stretch, Tone } from './incident-report';
import { clockText } from './words';

const toneTexts: Readonly<Record<Tone, string>> = {
  well: 'works, at home',
  weak: 'degraded',
  bad: 'down, dark',
  work: 'moved, or repaired',
  planned: 'drained on purpose',
  blank: 'not known',
};

/** Shown around a move by its button. */
const aroundMs = 20 * secondMs;
const ticks = 6;
/** Of the axis: narrower and a stretch could not be seen. */
const shareMin = 0.15;

export function chartOf(report: IncidentReport): Html {
  const { from, to, lanes, marks, canaries } = report;
  const share = (at: Instant): number => Number((((at - from) / Math.max(1, to - from)) * 100).toFixed(3));
  const tones = [...new Set(lanes.flatMap(({ stretches }) => stretches.map(({ tone }) => tone)))];
  return html`
<ul class="keys" aria-label="Colours">${tones.map((tone) => html`<li class="t-${tone}">${toneTexts[tone]}</li>`)}</ul>
<div class="zoom" role="group" aria-label="Span shown">
<button type="button" data-from="${from / 1_000}" data-to="${to / 1_000}" aria-pressed="true">Whole incident</button>
${marks.map(
  ({ at, kind }, i) =>
    html`<button type="button" data-from="${(at - aroundMs) / 1_000}" data-to="${(at + aroundMs) / 1_000}" aria-pressed="false">${i + 1}: around the ${kind}</button>`,
)}
<span class="muted">or drag over a plot; double click shows all</span>
</div>
<div class="chart">
<svg class="flags" aria-hidden="true">${marks.map(({ at }, i) => html`<text data-at="${at}" x="${share(at)}%" y="14">${i + 1}</text>`)}</svg>
${lanes.map((lane) => laneOf(lane, share))}
${axisOf(from, to, share)}
<svg class="overlay" aria-hidden="true">${marks.map(({ at }) => html`<line data-at="${at}" x1="${share(at)}%" x2="${share(at)}%" y1="16" y2="100%"/>`)}</svg>
${canaries.length === 0 ? nothing : plotsOf()}
</div>
${legendOf(report)}`;
}

function laneOf({ label, stretches }: Lane, share: (at: Instant) => number): Html {
  const said = stretches.map(({ from, to, state }) => `${clockText(from)} to ${clockText(to)} ${state}`).join('; ');
  return html`<div class="lane"><div class="label">${label}</div>
<svg class="track" role="img" aria-label="${label}: ${said}">${stretches.map((stretch) => stretchOf(stretch, share))}</svg></div>`;
}

/** A drawing within the drawing, so that a text that is too long ends where its stretch does. */
function stretchOf({ from, to, state, tone }: Stretch, share: (at: Instant) => number): Html {
  const width = Math.max(shareMin, share(to) - share(from));
  return html`<svg data-at="${from}" data-to="${to}" x="${share(from)}%" width="${width.toFixed(3)}%" height="100%"><title>${state}, ${clockText(from)} to ${clockText(to)}</title><rect class="t-${tone}" width="100%" height="100%"/><text class="in-${tone}" x="5" y="15">${state}</text></svg>`;
}

function axisOf(from: Instant, to: Instant, share: (at: Instant) => number): Html {
  const spacing = (to - from) / ticks;
  const moments = Array.from({ length: ticks }, (_, i) => Math.round(from + spacing * (i + 0.5)));
  return html`<svg class="axis" aria-hidden="true">${moments.map(
    (at, i) =>
      html`<g class="${i % 2 === 1 ? 'odd' : ''}"><line x1="${share(at)}%" x2="${share(at)}%" y1="0" y2="4"/><text x="${share(at)}%" y="16">${to - from > 10 * minuteMs * ticks ? clockText(at).slice(0, 5) : clockText(at)}</text></g>`,
  )}</svg>`;
}

const plotsOf =
  (): Html => html`<div class="plot" data-plot="loss" aria-hidden="true"><h3>Loss</h3><div class="canvas"></div></div>
<div class="plot" data-plot="rtt" aria-hidden="true"><h3>Latency, ms</h3><div class="canvas"></div></div>
<noscript><p class="muted">The plots of loss and latency need this page’s own script; the table below has their numbers.</p></noscript>`;

/** Each canary by its line, and what it measured over all: what the plots show, for who does not see them. */
function legendOf({ canaries }: IncidentReport): Html {
  if (canaries.length === 0) return html`<p class="muted">No canary’s measurements could be read.</p>`;
  const rows = canaries.map(({ id, about, of, points }, i) => {
    const losses = points.flatMap(({ loss }) => loss ?? []);
    const times = points.flatMap(({ rttMs }) => rttMs ?? []).sort((a, b) => a - b);
    const median = times[Math.floor(times.length / 2)];
    const gone = points.filter(({ reachable }) => reachable === false).length;
    return html`<tr><th scope="row"><svg class="swatch" width="30" height="8" aria-hidden="true"><line class="k${i % colours} ${of === 'service' ? 'dashed' : ''}" stroke-width="3" x1="0" x2="30" y1="4" y2="4"/></svg> ${about} <span class="id muted">${id}</span></th>
<td class="number">${losses.length === 0 ? '–' : `${Math.round(Math.max(...losses) * 100)} %`} <span data-value="loss${i}"></span></td>
<td class="number">${median === undefined ? '–' : `${msText(median)} / ${msText(times.at(-1)!)}`} <span data-value="rtt${i}"></span></td>
<td class="number">${gone} of ${points.length}</td></tr>`;
  });
  return html`<div class="scroll" role="region" aria-label="What canaries measured" tabindex="0"><table><caption>What canaries measured, ${everyText(canaries)}</caption>
<thead><tr><th scope="col">canary</th><th scope="col" class="number">worst loss</th><th scope="col" class="number">latency, median / worst</th><th scope="col" class="number">values without an answer</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

const msText = (ms: number): string => `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`;

function everyText([first]: IncidentReport['canaries']): string {
  const period = first?.periodMs ?? null;
  return period === null ? 'as each run that looked saw it' : `one value every ${spanText(period)}`;
}
