/** What programs hear beside each notice, held against the schema that is published for them. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Memory } from '../../../../core/store/memory';
import type { IncidentEvent } from '../../../../core/words/decision';
import { aIsDown, bothDown, evidence, incident, memory, onB, t0, turn } from '../../../given';

const execution = 'arn:aws:states:eu-central-1:111111111111:execution:switchback-failover:run-1';
const moved = { key: 'move/office/b/1', text: 'divert: office from a to b: path a is down' };
const open = { ...incident!, id: 'I-7F3K2M' };

const eventOf = (over: Parameters<typeof turn>[0]): IncidentEvent | null => {
  const { notice } = turn({ execution, ...over });
  expect(notice).not.toBeNull();
  return notice!.event;
};
const remembered = (over: Partial<Memory> = {}): Memory => memory({ incident: open, toTell: [moved], ...over });
const told = { done: t0 - 60_000 };

const events = (): IncidentEvent[] => [
  eventOf({ memory: remembered(), evidence: evidence(onB) })!,
  eventOf({ memory: remembered({ told }), evidence: evidence({ ...onB, reports: aIsDown }) })!,
  eventOf({ memory: remembered({ told, toTell: [] }) })!,
];

it('is what its schema says, and has no field that the schema does not know', () => {
  const schema = JSON.parse(readFileSync('docs/incident-event.schema.json', 'utf8')) as z.core.JSONSchema.JSONSchema;
  const published = z.fromJSONSchema(schema);
  for (const { detail } of events()) {
    expect(published.safeParse(detail).error?.issues ?? []).toEqual([]);
    expect(Object.keys(detail).filter((field) => !Object.hasOwn(schema.properties!, field))).toEqual([]);
  }
  expect(published.safeParse({ ...events()[0]!.detail, severity: 'bad' }).success).toBe(false);
  expect(published.safeParse({ ...events()[0]!.detail, incidentId: '' }).success).toBe(false);
});

it('has one id from opened to closed, and says the same as the notice', () => {
  const all = events();
  expect(all.map(({ detailType, detail }) => [detailType, detail.incidentId])).toEqual([
    ['switchback.incident.opened', open.id],
    ['switchback.incident.updated', open.id],
    ['switchback.incident.closed', open.id],
  ]);
  const { notice } = turn({ execution, memory: remembered(), evidence: evidence(onB) });
  expect(notice!.message.split('\n')[0]).toBe(notice!.event!.detail.summary);
  expect(all[0]!.detail).toMatchObject({ announcements: [moved.text], execution, connection: 'paris' });
  expect(all[0]!.detail.routeSets).toEqual({ office: { on: 'b', users: 'served', darkMs: 0 } });
});

it('is as severe as what users feel, then as what is asked of people', () => {
  const severityOf = (over: Parameters<typeof turn>[0]): string => eventOf(over)!.detail.severity;
  expect(severityOf({ evidence: evidence({ reports: bothDown }) })).toBe('critical');
  const manual = { told: { 'manual/office': t0 - 60_000 } };
  const routes = evidence().routes.map((route) => ({ ...route, target: { ...route.target!, id: 'eni-of-somebody' } }));
  expect(severityOf({ memory: remembered(manual), evidence: evidence({ routes }) })).toBe('error');
  expect(severityOf({ memory: remembered(), evidence: evidence(onB) })).toBe('warning');
  expect(severityOf({ memory: remembered({ told, toTell: [] }) })).toBe('info');
});

it('is not made where nobody knows the incident', () => {
  const { notice } = turn({ execution, failOpen: true, evidence: evidence({ reports: bothDown }) });
  expect(notice?.event ?? null).toBeNull();
});
