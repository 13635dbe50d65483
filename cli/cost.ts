/**
 * `switchback cost`: what a configuration costs a month while nothing happens, and what an incident adds. Computed from
 * the synthesized template, a quiet hour and some incidents in the local cloud, and the price table in cost/prices.ts.
 */
import { readConfigFile } from '../config/read';
import { hourMs, minuteMs } from '../core/words/time';
import { ensureBundles } from './bundles';
import { idleLines } from './cost/idle';
import { incidentCosts } from './cost/incidents';
import { total, usdOf } from './cost/lines';
import { pricedOn, pricedRegion, prices } from './cost/prices';
import { assumptions, connectionCost, connectionTable, incidentTable } from './cost/tables';
import { jsonLine } from './harmless';

/** 0: every connection is within its target. 1: one is not. */
export async function cost({ config, json }: { config: string; json?: true }): Promise<number> {
  const deployment = readConfigFile(config);
  ensureBundles();
  const connections = Object.values(deployment.connections);
  const lines = await idleLines(deployment);
  const idle = connections.map((connection) => connectionCost(connection, lines, connections.length));
  const incidents = await incidentCosts();
  const notes = assumptions(deployment.region, hourMs / minuteMs);
  if (json) {
    const withUsd = incidents.map((incident) => ({ ...incident, usd: total(incident.lines) }));
    const withLineUsd = idle.map((one) => ({
      ...one,
      lines: one.lines.map((line) => ({ ...line, usd: usdOf(line) })),
    }));
    const answer = {
      config,
      pricedRegion,
      pricedOn,
      idle: withLineUsd,
      incidents: withUsd,
      assumptions: notes,
      prices,
    };
    process.stdout.write(jsonLine(answer));
  } else {
    const tables = idle.map((one) => connectionTable(one, connections.length));
    const basis = ['What this rests on', '', ...notes.map((note) => `  ${note}`)].join('\n');
    process.stdout.write(`\n${[...tables, incidentTable(incidents), basis].join('\n')}\n\n`);
  }
  return idle.every(({ met }) => met) ? 0 : 1;
}
