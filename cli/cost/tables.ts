/**
 * The bill as a person reads it: a table per connection, a table of incidents, what they rest on. 100 columns.
 */
import type { Connection } from '../../core/words/domain';
import type { IncidentCost } from './incidents';
import { type Line, merged, scaled, shared, total, usdOf } from './lines';
import { pricedOn, pricedRegion, prices } from './prices';

/** Dollars a month for one connection with two paths, for each end of ours, by how its path canaries are pinned. */
const targetsUsd = { subnet: 35, target: 25 } as const;

export interface ConnectionCost {
  readonly connection: string;
  readonly pin: keyof typeof targetsUsd;
  readonly lines: readonly Line[];
  readonly usd: number;
  readonly targetUsd: number;
  readonly met: boolean;
  /** The line that costs most. */
  readonly dominant: string;
}

/** A connection's own lines, and its even share of what all use. */
export function connectionCost(connection: Connection, lines: readonly Line[], connections: number): ConnectionCost {
  const share = scaled(
    lines.filter(({ scope }) => scope === shared),
    1 / connections,
  );
  const own = merged([...lines.filter(({ scope }) => scope === connection.name), ...share]);
  const pin = connection.canaries.some((canary) => canary.pin === 'subnet') ? 'subnet' : 'target';
  const targetUsd = targetsUsd[pin] * (connection.ends?.length ?? 1);
  const byCost = [...own].sort((a, b) => usdOf(b) - usdOf(a));
  const usd = total(own);
  return {
    connection: connection.name,
    pin,
    lines: byCost,
    usd,
    targetUsd,
    met: usd <= targetUsd,
    dominant: byCost[0]?.item ?? 'nothing',
  };
}

const widths = { item: 44, quantity: 14, unit: 19, price: 13, usd: 10 };

function row(item: string, quantity: string, unit: string, price: string, usd: string): string {
  return [
    `  ${item.padEnd(widths.item)}`,
    quantity.padStart(widths.quantity),
    `  ${unit.padEnd(widths.unit)}`,
    price.padStart(widths.price),
    usd.padStart(widths.usd),
  ].join('');
}

const rule = `  ${'─'.repeat(Object.values(widths).reduce((sum, width) => sum + width, 2))}`;
const grouped = (value: number, digits: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const money = (usd: number): string => grouped(usd, 2);

/** Prices by the million where one costs next to nothing. */
function priceText(usd: number): string {
  if (usd >= 0.001) return String(usd);
  return usd >= 1e-5 ? `${round(usd * 1e3)}/1,000` : `${round(usd * 1e6)}/M`;
}

const round = (value: number): number => Number(value.toPrecision(6));

function lineRow(line: Line): string {
  const { usd, unit } = prices[line.price];
  const quantity = grouped(line.quantity, line.quantity >= 1_000 || Number.isInteger(line.quantity) ? 0 : 3);
  return row(`${line.item}${line.estimated ? ' *' : ''}`, quantity, unit, priceText(usd), money(usdOf(line)));
}

/** Lines under half a cent stand together. */
export function connectionTable(cost: ConnectionCost, connections: number): string {
  const small = cost.lines.filter((line) => usdOf(line) < 0.005);
  const large = cost.lines.filter((line) => usdOf(line) >= 0.005);
  const rest = small.length === 0 ? [] : [row('all else, each under half a cent', '', '', '', money(total(small)))];
  const gap = money(Math.abs(cost.usd - cost.targetUsd));
  const verdict = cost.met
    ? `target met: at most ${cost.targetUsd} USD with pin: ${cost.pin}, ${gap} below`
    : `TARGET MISSED: at most ${cost.targetUsd} USD with pin: ${cost.pin}, ${gap} above; dominated by ${cost.dominant}`;
  return [
    `Idle, a month, connection ${cost.connection}${connections > 1 ? `, with 1/${connections} of what all share` : ''}`,
    '',
    row('', 'quantity', 'unit', 'USD each', 'USD'),
    rule,
    ...large.map(lineRow),
    ...rest,
    rule,
    row('total', '', '', '', money(cost.usd)),
    `  ${verdict}`,
    '',
  ].join('\n');
}

export function incidentTable(incidents: readonly IncidentCost[]): string {
  const head = `  ${'incident'.padEnd(24)}${'lasted'.padStart(9)}${'transitions'.padStart(13)}${'runbook steps'.padStart(15)}${'notices'.padStart(9)}${'USD'.padStart(10)}`;
  const rows = incidents.map(({ scenario, lastedMs, lines }) => {
    const of = (price: Line['price']): string =>
      grouped(
        lines.filter((line) => line.price === price).reduce((sum, { quantity }) => sum + quantity, 0),
        0,
      );
    return [
      `  ${scenario.padEnd(24)}${`${grouped(lastedMs / 60_000, 1)} min`.padStart(9)}`,
      of('stateTransition').padStart(13),
      of('automationStep').padStart(15),
      of('notice').padStart(9),
      grouped(total(lines), 4).padStart(10),
    ].join('');
  });
  return ['Each incident, beyond idle', '', head, `  ${'─'.repeat(80)}`, ...rows, ''].join('\n');
}

/** What the numbers rest on. */
export function assumptions(region: string, measuredMinutes: number): string[] {
  const remembered = [
    ...new Set(Object.values(prices).flatMap(({ seen, page }) => (seen === 'remembered' ? [page] : []))),
  ];
  return [
    `Prices are list prices of ${pricedRegion} as of ${pricedOn}, without free tier, discount or tax.`,
    ...(region === pricedRegion
      ? []
      : [`This deployment is in ${region}: some prices differ there; check the pages before you budget.`]),
    `From memory, not read on the page: ${remembered.map((page) => page.split('/')[1]).join(', ')}.`,
    `Idle use is counted over ${measuredMinutes} quiet minutes in the local cloud and scaled to 730 hours.`,
    'Run time is virtual: a canary’s loop is exact; other functions and cold starts follow the latency model.',
    '* estimated: bytes per probe (280 out, 490 in all, all leaving to the internet and across one zone),',
    '  logs kept uncompressed, one mail per notice. A write unit is a kilobyte of the request.',
    'Not in it: your VPN instances or AWS VPN connections, NAT, table storage and its backups (some kilobytes).',
  ];
}
