/**
 * An incident's record in the author's bucket: written as the template grants it, and read back by an operator once Step
 * Functions has forgotten every execution of it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { ensureBundles } from '../../cli/bundles';
import { explainRun, history } from '../../cli/operate/explain-run';
import { footingOn, type LocalFooting } from '../../cli/operate/local';
import type { Work } from '../../cli/operate/operate';
import { report } from '../../cli/operate/report';
import { sessionOn } from '../../cli/operate/session';
import type { IncidentRecord } from '../../core/turn/incident-record';
import { instantText } from '../../core/words/time';
import { play } from '../../sim/playback';
import { loadScenario } from '../../sim/scenario';

beforeAll(() => ensureBundles());

const scenarioWith = (bucket: string) => {
  const scenario = loadScenario('gateway-stopped');
  const archive = { bucket, lock: { mode: 'governance', days: 400 } } as const;
  const installation = { reserveConcurrency: false, protectsState: false, archive };
  return { ...scenario, deployment: { ...scenario.deployment, installation } };
};

const as = (footing: LocalFooting, work: Work) =>
  footing.play(async () => work(await sessionOn(footing, 'switchback')));

it('is kept while it is open and whole once it is closed, and nothing more is permitted than that takes', async () => {
  const { cloud, result } = await play(scenarioWith('records'));
  expect(result.expectations.filter(({ ok }) => !ok)).toEqual([]);
  const kept = cloud.s3.objects.map(({ body }) => JSON.parse(body) as IncidentRecord);
  expect(new Set(cloud.s3.objects.map(({ key }) => key)).size).toBe(1);
  expect(kept.length).toBeGreaterThan(1);
  expect(kept[0]!.closedAt).toBeNull();
  const record = kept.at(-1)!;
  expect(record.closedAt).not.toBeNull();
  expect(record.executions.some(({ end }) => end === 'Finished')).toBe(true);
  expect(record.notices.map(({ subject }) => subject)).toEqual(result.notices.map(({ subject }) => subject));
  expect(cloud.s3.objects.every(({ lock }) => lock !== null)).toBe(true);
  const refused = cloud.authority.usage().filter(({ role, allowed }) => role.includes('Archive') && !allowed);
  expect(refused).toEqual([]);

  // Ninety days later: what an operator still reads, and with which rights.
  const footing = footingOn(cloud);
  const before = await as(footing, explainRun(undefined));
  cloud.stepfunctions.forgetEnded();
  const after = await as(footing, explainRun(undefined));
  expect(after.lines.at(-1)).toMatch(/it finished: all routes are home/);
  expect(after.lines).toEqual(before.lines);
  expect((await as(footing, explainRun(record.id))).json).toEqual(record);

  // An incident before the last one, which no connection remembers any more.
  const older = { ...record, id: 'I-0DDER1', openedAt: record.openedAt - 86_400_000 };
  const put = (key: string, body: string) => cloud.s3.call('PutObject', { Bucket: 'records', Key: key, Body: body });
  await put('incidents/switchback/paris/2026-01-04-I-0DDER1.json', JSON.stringify(older));
  await put('incidents/switchback/paris/2026-01-03-I-BR0KEN.json', JSON.stringify({ ...older, notices: [{}] }));
  await put('incidents/other/paris/2026-01-03-I-0THERS.json', JSON.stringify(older));
  const told = await as(footing, explainRun('I-0DDER1'));
  expect(told.lines[0]).toMatch(/^Incident I-0DDER1 of paris/);
  await expect(as(footing, explainRun('I-BR0KEN'))).rejects.toThrow(
    /2026-01-03-I-BR0KEN.json is no record of I-BR0KEN/,
  );
  await expect(as(footing, explainRun('I-0THERS'))).rejects.toThrow('there is no record of it in s3://records');
  const incidents = await as(footing, history({ name: 'switchback', at: 1, timeout: 1, since: '7d', incidents: true }));
  expect(incidents.json).toMatchObject([
    { opened: instantText(record.openedAt), incident: record.id },
    { opened: '2026-01-04', connection: 'paris', incident: 'I-0DDER1' },
    { opened: '2026-01-03', incident: 'I-BR0KEN' },
  ]);

  const folder = mkdtempSync(join(tmpdir(), 'switchback-archive-'));
  const page = await as(footing, report('I-0DDER1', join(folder, 'r.html')));
  rmSync(folder, { recursive: true });
  expect(page).toMatchObject({ code: 0, json: { incident: 'I-0DDER1', isOver: true } });

  // And nothing of anybody else's, in the same bucket.
  const denied = { name: 'AccessDenied' };
  const { s3 } = footing.aws;
  const bucket = { Bucket: 'records' };
  const others = new GetObjectCommand({ ...bucket, Key: 'incidents/other/paris/2026-01-03-I-0THERS.json' });
  await expect(footing.play(() => s3.send(others))).rejects.toMatchObject(denied);
  await expect(footing.play(() => s3.send(new ListObjectsV2Command(bucket)))).rejects.toMatchObject(denied);
  const add = new PutObjectCommand({ ...bucket, Key: 'incidents/switchback/paris/x.json', Body: '' });
  await expect(footing.play(() => s3.send(add))).rejects.toMatchObject(denied);
});
