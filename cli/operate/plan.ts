/** `switchback plan`: what would be decided about one connection now, and which routes it would write. */
import pc from 'picocolors';
import { buildPlan } from '../../core/routes/plan';
import { targetText } from '../../core/words/targets';
import { harmlessValue } from '../harmless';
import { wrapped } from '../terminal';
import { exitCodes } from './exit-codes';
import { lookAt } from './look';
import { oneOfNames, type Work } from './operate';
import { leasesOf } from './standing-orders';
import { firstLook } from './status';
import { tableLines } from './table';

export const plan =
  (name: string): Work =>
  async (session) => {
    const connection =
      session.deployment.connections[oneOfNames(name, Object.keys(session.deployment.connections), 'connection')]!;
    const lease = (await leasesOf(session)).find(([one]) => one === name)![1];
    if (lease === null) {
      const because = `${name} has not been looked at yet: ${firstLook(session)}`;
      return { code: exitCodes.notWell, lines: [because], json: { connection: name, decision: null, because } };
    }
    const { decision, assessment, evidence, unread } = harmlessValue(await lookAt(session, connection, lease));
    const moves = 'moves' in decision ? decision.moves : [];
    const { steps, orders, conflicts } = buildPlan(connection, assessment, evidence.routes, moves);
    const rows = steps.map(({ table, destination, expected, to }) => [
      table,
      destination,
      pc.red(targetText(expected)),
      '->',
      pc.green(targetText(to)),
    ]);
    const lines = [
      wrapped(
        `${pc.bold(name)}  ${'rung' in decision ? `${decision.kind} ${decision.rung} on path ${decision.path}` : decision.kind.replaceAll('_', ' ')}: ${decision.because}`,
        2,
      ),
      ...(rows.length === 0 ? ['  no route would be written'] : tableLines(rows).map((row) => `  ${row}`)),
      ...orders.map(({ kind, path, speaker, scope }) => `  ${kind} path ${path}: ${speaker} across ${scope}`),
      ...conflicts.map(({ table, destination, because }) => `  ${table} ${destination} ${because}: left alone`),
      ...unread.map((reason) => pc.dim(`  unread: ${reason}`)),
    ];
    return { code: exitCodes.well, lines, json: { connection: name, decision, steps, orders, conflicts, unread } };
  };
