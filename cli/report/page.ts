/**
 * A report as one HTML file that asks for nothing from anywhere: style, script and data are in it, and its
 * Content-Security-Policy allows those two by their digests and no connection at all.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { packagePath } from '../../config/package-files';
import { isIncidentId } from '../../core/words/incident-id';
import { instantText } from '../../core/words/time';
import { chartOf } from './chart';
import { chartDataOf } from './chart-data';
import { type Html, html, htmlText, inlined, jsonScript } from './html';
import type { IncidentReport } from './incident-report';
import {
  askedOf,
  costSection,
  decisionsOf,
  movesOf,
  numbersOf,
  openOf,
  routesOf,
  sourcesOf,
  toldOf,
  undoneOf,
} from './sections';

/** The page's own script and style, as scripts/build-report-page.mjs built them. */
export interface PageFiles {
  readonly script: string;
  readonly style: string;
}

export const builtPage = (): PageFiles => ({
  script: readFileSync(packagePath('dist/report-page/page.js'), 'utf8'),
  style: readFileSync(packagePath('dist/report-page/page.css'), 'utf8'),
});

export function pageOf(report: IncidentReport, { script, style }: PageFiles): string {
  const { id, connection, deployment, verdict } = report;
  const policy = `default-src 'none'; script-src ${digestOf(script)}; style-src ${digestOf(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
  return htmlText(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${connection}, ${id}: ${deployment}</title>
<link rel="icon" href="data:,">
${inlined('style', style)}
</head>
<body>
<header>
<h1>${deployment}: ${isIncidentId(id) ? 'incident' : 'one execution'} of ${connection}</h1>
<div class="verdict is-${verdict.tone}"><p><span class="word t-${verdict.tone}">${verdict.word}</span>${verdict.text}</p></div>
${factsOf(report)}
</header>
<main>
${numbersOf(report)}
${section('open', 'Still open', openOf(report))}
${section('chart', 'What happened when, in UTC', html`${movesOf(report)}${chartOf(report)}`)}
${section('routes', 'Routes before, during, after', routesOf(report.routes))}
${report.asked.length === 0 ? '' : section('asked', 'What people asked for', askedOf(report))}
${section('decisions', 'What was decided, and on what evidence', decisionsOf(report))}
${section('told', 'What people were told', toldOf(report))}
${section('undone', 'What was not done, and why', undoneOf(report))}
${section('cost', 'Cost', costSection(report))}
${section('sources', 'Read from', sourcesOf(report))}
</main>
<footer>Made ${instantText(report.madeAt)} by <code>switchback report</code>. All times are UTC.</footer>
${jsonScript('chart-data', chartDataOf(report))}
${inlined('script', script)}
</body>
</html>
`);
}

const digestOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const section = (id: string, title: string, body: Html): Html =>
  html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${body}</section>`;

function factsOf({ id, connection, account, region, openedAt, closedAt, madeAt, played }: IncidentReport): Html {
  const facts: readonly (readonly [string, string])[] = [
    ['connection', connection],
    ['incident', id],
    ['opened', instantText(openedAt)],
    closedAt === null ? ['open at', instantText(madeAt)] : ['closed', instantText(closedAt)],
    ['region', region],
    ['account', account],
    ...(played === '' ? [] : ([['simulated', played]] as const)),
  ];
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
