/** What an operator asks first is on the dashboard, and every field and metric it names is one that is published. */
import { metricNames, standingNames, tunnelNames } from '../../adapters/cloudwatch/metric-names';
import { standingOf } from '../../core/remember/standing';
import { leaseFrom } from '../../core/store/lease';
import type { Deployment } from '../../core/words/domain';
import type { Synthesis } from '../../infra/assembly';
import { text } from './permissions';
import { resource, resources, siteDeployment, synthesizeSite } from './synthesis';

interface Widget {
  readonly type: 'alarm' | 'log' | 'metric' | 'text';
  // biome-ignore lint/suspicious/noExplicitAny: CloudWatch's own shapes, read by path.
  readonly properties: any;
}

function widgetsOf(synthesis: Synthesis, id = 'SwitchbackDashboard'): Widget[] {
  const { DashboardBody } = resource(synthesis, 'AWS::CloudWatch::Dashboard', id).Properties;
  return JSON.parse(text(DashboardBody)).widgets;
}

const titled = (widgets: readonly Widget[], title: string): Widget => {
  const found = widgets.filter(({ properties }) => properties.title === title);
  if (found.length !== 1) throw new Error(`${found.length} widgets are titled ${title}`);
  return found[0]!;
};

const site: Deployment = siteDeployment('affinity');
const paris = site.connections['paris']!;
let synthesis: Synthesis;
let widgets: Widget[];
beforeAll(() => {
  synthesis = synthesizeSite(site);
  widgets = widgetsOf(synthesis);
});

it('says per connection which path carries each set and since when, the last incident and the last drill', () => {
  const { query } = titled(widgets, 'paris: which path carries traffic, since when').properties;
  for (const set of Object.keys(paris.routeSets)) {
    expect(query).toContain(`\`carriedBy.${set}.path\` as`);
    expect(query).toContain(`\`carriedBy.${set}.since\` as`);
  }
  expect(query).toMatch(/\bincident, lastIncident, lastDrill, drillOverdue, escalated\b/);
  expect(query).toContain("filter connection = 'paris'");
});

it('asks the log for nothing that the sweep does not say', () => {
  const line: unknown = { because: '', ...standingOf(paris, leaseFrom({}), 0) };
  const { query } = titled(widgets, 'paris: which path carries traffic, since when').properties;
  const [, fields] = /\| fields (.*)/.exec(query) as unknown as [string, string];
  for (const field of fields.split(', ').map((one) => one.replace(/ as .*/, '').replaceAll('`', ''))) {
    const value = field.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)?.[name], line);
    expect([field, value]).not.toEqual([field, undefined]);
  }
  expect(query).toMatch(/^SOURCE '\$\{SwitchbackFunctionsSweepLogs/);
});

it('says first what to type and how every connection stands, the worst on top', () => {
  const [head, all] = widgetsOf(synthesizeSite(siteDeployment('shared')));
  for (const verb of ['status', 'explain', 'plan', 'ack', 'pause'])
    expect(head!.properties.markdown).toContain(`switchback ${verb} `);
  expect(head!.properties.markdown).toMatch(/\[executions\]\(https:.*view\/\$\{SwitchbackFailoverMachine/);
  expect(all!.properties.query).toMatch(/latest\(light\) as light_now.*sort light_now asc/s);
});

it('has a page for the fleet, one screen high, where there is more than one connection, and only there', () => {
  const fleet = widgetsOf(synthesizeSite(siteDeployment('shared')), 'SwitchbackFleet');
  expect(fleet[0]!.properties.markdown).toMatch(
    /: \d+ connections\n.*switchback status --name switchback.*dashboards\/dashboard\/switchback\)/s,
  );
  const { query } = titled(fleet, 'How all connections stand').properties;
  expect(query).toMatch(/latest\(light\) as light_now.*by connection.*sort light_now asc/s);
  for (const title of ['Minutes in which users got no answer', 'Routes moved'])
    expect(titled(fleet, title).properties.query).toMatch(/count\(\*\) as times by bin\(5m\), connection/);
  const ends = (fleet as unknown as { y: number; height: number }[]).map(({ y, height }) => y + height);
  expect(Math.max(...ends)).toBeLessThanOrEqual(24);
  expect(resources(synthesizeSite(siteDeployment('pair')), 'AWS::CloudWatch::Dashboard')).toHaveLength(1);
});

it('marks when routes were moved, and the minutes in which users were dark', () => {
  const { query: moved } = titled(widgets, 'paris: routes moved').properties;
  expect(moved).toMatch(/connection = 'paris' and what like .*divert.*failback.*bin\(5m\)/s);
  const { query: dark } = titled(widgets, 'paris: minutes in which users got no answer').properties;
  expect(dark).toMatch(/connection = 'paris' and .*dark != ''.*bin\(5m\)/s);
});

it('needs no scrolling for one connection, but for what was decided', () => {
  // A screen of 1080 lines shows about 24 rows under the console's own heads.
  const single = widgetsOf(synthesizeSite(siteDeployment('pair')));
  const graphs = single.filter(({ type }) => type === 'metric') as unknown as { y: number; height: number }[];
  expect(Math.max(...graphs.map(({ y, height }) => y + height))).toBeLessThanOrEqual(24);
});

it.each([
  ['paris: loss', 'LossRatio'],
  ['paris: round-trip time, ms', 'RttMs'],
])('%s: of every canary, so the idle path is seen too', (title, metric) => {
  const shown = titled(widgets, title).properties.metrics as string[][];
  const canaries = shown.map((row) => [row[0], row[1], row[row.indexOf('Canary') + 1]]);
  expect(canaries).toEqual(paris.canaries.map(({ id }) => ['Switchback/switchback', metric, id]));
});

it('draws no metric that nobody publishes', () => {
  const published = new Set<string>([...Object.values(metricNames), ...Object.values(standingNames)]);
  const drawn = widgets.filter(({ type }) => type === 'metric').flatMap(({ properties }) => properties.metrics);
  expect(drawn.length).toBeGreaterThan(10);
  for (const [namespace, name] of drawn)
    expect([namespace, published.has(name)]).toEqual(['Switchback/switchback', true]);
});

it('shows every alarm', () => {
  const shown = widgets.flatMap(({ type, properties }) => (type === 'alarm' ? properties.alarms : []));
  expect(shown).toHaveLength(resources(synthesis, 'AWS::CloudWatch::Alarm').length);
});

it('has a row for each connection', () => {
  const shared = siteDeployment('shared');
  const names = Object.keys(shared.connections);
  expect(names.length).toBeGreaterThan(1);
  const all = widgetsOf(synthesizeSite(shared));
  for (const name of names) titled(all, `${name}: which path carries traffic, since when`);
});

it('keeps what is to be minded, and has no empty place for it', () => {
  const minded = widgets.filter(({ properties }) => /To be minded/.test(properties.markdown ?? ''));
  expect(minded).toHaveLength(1);
  expect(minded[0]!.properties.markdown).toMatch(/- connections\.paris\.canaries\.service-a\.zone is the zone of gw-a/);
  const quiet = widgetsOf(synthesizeSite(siteDeployment('pair')));
  expect(quiet.filter(({ properties }) => /To be minded/.test(properties.markdown ?? ''))).toEqual([]);
});

it('shows of each VPN connection of AWS how many tunnels are up, and how long ago that was read', () => {
  const managed = siteDeployment('transit');
  const all = widgetsOf(synthesizeSite(managed));
  const { query } = titled(all, 'tunnels up, by AWS, and seconds since the last reading').properties;
  expect(query).toMatch(/^SOURCE '\$\{SwitchbackWatch/);
  expect(query).toContain('max(toMillis(@timestamp)) as read_at by Gateway');
  expect(query).toContain('now() - read_at / 1000 as seconds_since');
  for (const field of ['TunnelsUp', 'TunnelCheckOk']) expect(Object.values(tunnelNames)).toContain(field);
  const graphed = JSON.stringify(titled(all, 'tunnels up, by AWS').properties.metrics);
  for (const gateway of Object.keys(managed.gateways)) expect(graphed).toContain(`"Gateway","${gateway}"`);
  expect(widgets.filter(({ properties }) => /by AWS/.test(properties.title ?? ''))).toEqual([]);
});
