/**
 * What an operator reads, held against the world it is about: status, plan, history and explain, in a quiet minute, in an
 * incident and after it, under `OperatorPolicy` and without one call that it refuses.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ensureBundles } from '../../cli/bundles';
import { explainRun, history } from '../../cli/operate/explain-run';
import { type LocalFooting, localFooting } from '../../cli/operate/local';
import type { Outcome, Work } from '../../cli/operate/operate';
import { plan } from '../../cli/operate/plan';
import { report } from '../../cli/operate/report';
import { sessionOn } from '../../cli/operate/session';
import { type ConnectionStatus, status } from '../../cli/operate/status';
import type { IncidentRecord } from '../../core/turn/incident-record';
import { loadScenario } from '../../sim/scenario';

const options = { name: 'switchback', at: 1, timeout: 60_000 };

beforeAll(() => {
  ensureBundles();
  // As wide as in a pipe, whoever runs this.
  Object.defineProperty(process.stdout, 'isTTY', { value: false });
});

const plain = ({ lines }: Outcome): string => stripVTControlCharacters(lines.join('\n'));

const at = (minute: number, scenario = 'gateway-stopped'): Promise<LocalFooting> =>
  localFooting(loadScenario(scenario), minute, 7);

const read = (footing: LocalFooting, work: Work): Promise<Outcome> =>
  footing.play(async () => work(await sessionOn(footing, options.name)));

const paris = ({ json }: Outcome): ConnectionStatus =>
  (json as { connections: readonly ConnectionStatus[] }).connections[0]!;

const denied = ({ cloud }: LocalFooting) =>
  cloud.authority.usage().filter(({ role, allowed }) => role === 'person/ana' && !allowed);

it('is well while nothing happens', async () => {
  const footing = await at(1);
  const seen = await read(footing, status(undefined));
  expect(seen.code).toBe(0);
  expect(plain(seen)).toMatchSnapshot();
  expect(await read(footing, plan('paris'))).toMatchObject({
    code: 0,
    json: { decision: { kind: 'finish' }, steps: [] },
  });
  expect(denied(footing)).toEqual([]);
});

it('is not well in an incident: says what is down, where users are, what runs, and what comes next', async () => {
  const footing = await at(3);
  const seen = await read(footing, status('paris'));
  expect(seen.code).toBe(1);
  expect(plain(seen)).toMatchSnapshot();
  const { world } = footing.cloud;
  expect(paris(seen)).toMatchObject({
    well: false,
    paths: [{ path: 'a', verdict: 'down' }, { path: 'b' }],
    sets: [{ set: 'office', home: 'a', on: [world.pathOf('paris', 'office')], users: 'served' }],
    repair: expect.stringMatching(/^stop-start on path a/),
    unread: [],
  });
  expect(denied(footing)).toEqual([]);
});

it('says that it is quiet, and since when, once it is over', async () => {
  const footing = await at(12);
  const seen = await read(footing, status(undefined));
  expect({ code: seen.code, quietSince: paris(seen).quietSince }).toEqual({
    code: 0,
    quietSince: expect.stringMatching(/^2026-01-05T00:0\d:\d\dZ$/),
  });
});

it('says what waits for a person', async () => {
  const footing = await at(8, 'partner-dead');
  const seen = await read(footing, status(undefined));
  const [connection] = (seen.json as { connections: readonly ConnectionStatus[] }).connections;
  expect(seen.code).toBe(1);
  expect(connection!.asks).not.toEqual([]);
});

it('plans the very writes that are made a moment later, and makes none', async () => {
  const footing = await at(2 + 0.6 / 60);
  const before = footing.cloud.front.calls.length;
  const planned = await read(footing, plan('paris'));
  const { decision, steps } = planned.json as {
    decision: { kind: string };
    steps: readonly { table: string; destination: string; to: { id: string } }[];
  };
  expect(decision.kind).toBe('divert');
  expect(
    footing.cloud.front.calls
      .slice(before)
      .filter(({ by }) => by === 'ana')
      .map(({ operation }) => operation),
  ).toEqual(expect.not.arrayContaining(['ReplaceRoute', 'UpdateItem', 'PutItem', 'StartExecution']));
  await footing.play(() => footing.clock.sleep(20_000));
  const written = footing.cloud.front.calls.filter(
    ({ operation, error }) => operation === 'ReplaceRoute' && error === '',
  );
  expect(written.map(({ input }) => input)).toEqual(
    steps.map(({ table, destination, to }) => ({
      RouteTableId: table,
      DestinationCidrBlock: destination,
      NetworkInterfaceId: to.id,
    })),
  );
  expect(planned.lines.filter((line) => line.includes('->'))).toHaveLength(steps.length);
});

const away = ['eni-0aaaaaaaaaaaaaaa1 eni-0bbbbbbbbbbbbbbb1'];
const home = ['eni-0bbbbbbbbbbbbbbb1 eni-0aaaaaaaaaaaaaaa1'];

it('explains the newest incident, all its executions joined, with each notice as it was sent', async () => {
  const footing = await at(12);
  const { code, lines, json } = await read(footing, explainRun(undefined));
  const record = json as IncidentRecord;
  expect(code).toBe(0);
  expect(record.notices.map(({ subject, text, isSent }) => ({ subject, text, isSent }))).toEqual(
    footing.cloud.topics.inbox.map(({ subject, message: text }) => ({ subject, text, isSent: true })),
  );
  expect(record.notices.length).toBeGreaterThan(2);
  const { executions } = footing.cloud.stepfunctions;
  expect(record.executions.length).toBeGreaterThan(5);
  expect(executions.map(({ arn }) => arn)).toEqual(expect.arrayContaining(record.executions.map(({ arn }) => arn)));
  // There and home again, in two tables. A read-back may come too late: then nobody claims to know when it took effect.
  expect(record.writes.map(({ from, to }) => `${from} ${to}`)).toEqual([...away, ...away, ...home, ...home]);
  expect(record.writes.map(({ result, effectiveAt }) => (result === 'done') === (effectiveAt !== null))).not.toContain(
    false,
  );
  expect(record.writes[0]!.result).toBe('done');
  expect(record.rungs).toMatchObject([{ rung: 'stop-start', path: 'a', result: 'success' }]);
  expect(record.dark).toHaveLength(1);
  expect(lines.filter((line) => line.includes('people were told: '))).toHaveLength(record.notices.length);
  expect(lines.at(-1)).toMatch(/^00:0\d:\d\dZ it finished: all routes are home/);
  expect((await read(footing, explainRun(record.id))).json).toEqual(record);
  await expect(read(footing, explainRun('I-000000'))).rejects.toThrow(`remembered: ${record.id}`);
  const name = record.executions[0]!.arn.split(':').at(-1)!;
  const one = await read(footing, explainRun(name));
  expect(one.lines[0]).toContain(name);
  expect(one.lines.at(-1)).toMatch(/it finished: all routes are home/);

  // The same incident as a page, found by its newest, by its id and by one of its executions.
  const folder = mkdtempSync(join(tmpdir(), 'switchback-report-'));
  const pages = await Promise.all(
    [undefined, record.id, name].map(async (which, i) => {
      const file = join(folder, `${i}.html`);
      const told = await read(footing, report(which, file));
      expect(told).toMatchObject({ code: 0, json: { report: file, incident: record.id, isOver: true, open: [] } });
      return readFileSync(file, 'utf8').replace(/Made \S+ by/, '');
    }),
  );
  rmSync(folder, { recursive: true });
  expect(pages[0]).toMatch(/Users of office were dark for [\d.]+ s\. .*office was moved away and is home again/);
  expect(pages[0]).toMatch(/"loss":\[(0|1|null|[0-9.]+)(,(0|1|null|[0-9.]+)){20,}\]/);
  expect(pages[1]).toBe(pages[0]);
  expect(pages[2]).toContain('office was moved away and is home again');
  expect(denied(footing)).toEqual([]);
});

it('lists executions newest first, as far back as it is asked', async () => {
  const footing = await at(4);
  const all = (await read(footing, history({ ...options, since: '1d' }))).json as readonly { name: string }[];
  const names = footing.cloud.stepfunctions.executions.map(({ name }) => name).reverse();
  expect(all.map(({ name }) => name)).toEqual(names);
  expect(((await read(footing, history({ ...options, since: '30s' }))).json as object[]).length).toBeLessThan(
    names.length,
  );
});
