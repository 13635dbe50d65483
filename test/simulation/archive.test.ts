/** An incident's record in the author's bucket, as the template grants it; and an incident where the bucket is gone. */
import { ensureBundles } from '../../cli/bundles';
import type { IncidentRecord } from '../../core/turn/incident-record';
import { play } from '../../sim/playback';
import { loadScenario } from '../../sim/scenario';

beforeAll(() => ensureBundles());

const scenarioWith = (bucket: string) => {
  const scenario = loadScenario('gateway-stopped');
  const archive = { bucket, lock: { mode: 'governance', days: 400 } } as const;
  const installation = { reserveConcurrency: false, protectsState: false, archive };
  return { ...scenario, deployment: { ...scenario.deployment, installation } };
};

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
});
