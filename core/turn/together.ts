/**
 * A command for a gateway: drain every path over it, of every connection, or give them all back. All or none: each
 * connection reviews its own part, and they are recorded in one transaction, each on condition of its own review.
 */

import type { Decision, RecordTogetherDecision, RefuseDecision } from '../words/decision';
import type { Connection, ConnectionName, Deployment } from '../words/domain';
import { gatewaysOf, isOver } from '../words/ends';
import { shown } from '../words/malformed';
import { own } from '../words/shape';
import { isCommand, mendMalformed } from './request';

type Raw = Readonly<Record<string, unknown>>;

/** One connection's part, as if it had been asked for its path alone. */
export interface CommandPart {
  readonly connection: Connection;
  readonly request: Raw;
}

/** Does this input speak of a gateway instead of a connection? */
export function isForGateway(raw: unknown): raw is Raw {
  return isCommand(raw) && Object.hasOwn(raw, 'gateway') && !Object.hasOwn(raw, 'connection');
}

export function partsOf(deployment: Deployment, raw: Raw): readonly CommandPart[] | RefuseDecision {
  const { gateway, ...rest } = raw;
  const trigger = own(raw, 'trigger');
  if (trigger !== 'maintenance' && trigger !== 'maintenance_end')
    return refused(`trigger: ${shown(trigger)} takes no gateway; only maintenance and maintenance_end do`);
  if (Object.hasOwn(raw, 'path'))
    return refused(
      'path: a command for a gateway is for all paths over it; leave it out, or name a connection instead',
    );
  const parts = Object.values(deployment.connections).flatMap((connection) =>
    Object.values(connection.paths)
      .filter((path) => isOver(path, gateway))
      .map(({ name }): CommandPart => ({ connection, request: { ...rest, connection: connection.name, path: name } })),
  );
  if (parts.length > 0) return parts;
  const known = [...new Set(Object.values(deployment.connections).flatMap(gatewaysOf))].join(', ');
  return refused(`gateway: ${shown(gateway)} must be one of ${known}`);
}

const refused = (because: string, mend = mendMalformed): RefuseDecision => ({
  kind: 'refuse_request',
  rule: 'request',
  because,
  mend,
});

/** All or none: what one connection cannot do, none does. */
export function together(
  decided: readonly { readonly connection: ConnectionName; readonly decision: Decision }[],
): RecordTogetherDecision | RefuseDecision {
  const refusals = decided.flatMap(({ connection, decision }) => {
    if (decision.kind === 'refuse_request') return [{ connection, ...decision }];
    if (decision.kind === 'record_request') return [];
    return [{ connection, ...refused(decision.because, 'start it again in a minute') }];
  });
  const [first] = refusals;
  if (first !== undefined) {
    // The same typo is found by every connection.
    const isAlike = refusals.length === decided.length && refusals.every(({ because }) => because === first.because);
    const because = isAlike ? first.because : refusals.map((one) => `${one.connection}: ${one.because}`).join('; ');
    return refused(because, first.mend);
  }
  return {
    kind: 'record_together',
    rule: 'request',
    because: decided.map(({ connection, decision }) => `${connection}: ${decision.because}`).join('; '),
    updates: decided.flatMap(({ connection, decision }) =>
      decision.kind === 'record_request' ? [{ connection, ...decision.update }] : [],
    ),
  };
}
