/**
 * Every call that the product makes to its tables: what the adapters send, and the state machine's own updates, each
 * as evaluated from `statemachines/failover.asl.json`. Collected by a client that answers nothing.
 */
import { journal } from '../../adapters/dynamodb/journal';
import { reportsTable } from '../../adapters/dynamodb/reports-table';
import { stateTable } from '../../adapters/dynamodb/state-table';
import { updateFor } from '../../core/turn/request';
import type { OperatorRequest } from '../../core/words/decision';
import { runState, runStep, type Scope, updateStates } from '../contract/product-calls';
import { type Command, reportsTableName, type Site, startAt, stateTableName } from '../contract/site';
import { deployment, report } from '../given';
import type { Call } from './table-calls';

export interface ProductCalls {
  /** What makes the items. */
  readonly seed: readonly Call[];
  readonly all: readonly Call[];
}

const asked = { connection: 'paris', requestedBy: 'ana' };
const until = startAt + 3_600_000;
const maintenance = {
  trigger: 'maintenance',
  path: 'a',
  until,
  reason: 'kernel',
  drain: 'soft',
  force: false,
} as const;
const requests: readonly OperatorRequest[] = [
  { ...asked, ...maintenance },
  { ...asked, ...maintenance, force: true },
  { ...asked, trigger: 'maintenance_end', path: 'a' },
  { ...asked, trigger: 'pause', until, reason: 'audit' },
  { ...asked, trigger: 'rehearsal' },
  { ...asked, trigger: 'drill', routeSet: 'office' },
  { ...asked, trigger: 'resume' },
  { ...asked, trigger: 'acknowledge' },
  { ...asked, trigger: 'failback' },
  { ...asked, trigger: 'divert', routeSets: ['office', 'lab'], to: 'b', until, reason: 'swap' },
];

const variables = {
  token: 1,
  signals: 0,
  memory: '{}',
  memoryTold: '{"told":1}',
  automationId: 'run-1',
  held: { holder: { S: '1' }, token: { N: '1' } },
};
const decision = {
  gateway: 'gw-a',
  clientToken: '1',
  rung: 'reboot',
  gatewayUntil: until,
  endedClaim: 'none',
  decidedAt: startAt,
};
const rungEnded = { gateway: 'gw-a', clientToken: '1', until, identity: null, claim: 'none', isOver: true };

/** Each state, and again where its expressions differ with what it is given. */
const scopes: readonly Omit<Scope, 'me'>[] = [
  { variables: { ...variables, decision, rungEnded } },
  {
    variables: { ...variables, decision, rungEnded: { ...rungEnded, identity: { instanceId: 'i-1' }, isOver: false } },
  },
];

export async function productCalls(): Promise<ProductCalls> {
  const all: Call[] = [];
  const send = async ({ schema, input }: Command): Promise<object> => {
    all.push({ operation: schema[2], input: structuredClone(input) as Call['input'] });
    return {};
  };
  const clock: Site['clock'] = { now: () => startAt, sleep: async () => {} };
  const site = { aws: { dynamodb: { send } }, clock } as unknown as Site;
  const { dynamodb } = site.aws;

  await stateTable(dynamodb, stateTableName(), clock).seed(['paris'], [deployment().gateways['gw-a']!]);
  const seed = [...all];

  await stateTable(dynamodb, stateTableName(), clock).readConnection('paris');
  await stateTable(dynamodb, stateTableName(), clock).observe('gw-a', { instanceId: 'i-1', state: 'stopped', at: 7 });
  const word = { code: 'AWS_VPN_REDUNDANCY_LOSS', status: 'open', says: 'a tunnel', about: 'vpn-1', at: 7 };
  await stateTable(dynamodb, stateTableName(), clock).hear('gw-a', word);
  await stateTable(dynamodb, stateTableName(), clock).readObservations(['gw-a']);
  const book = journal(dynamodb, stateTableName(), clock);
  const writer = { connection: 'paris', holder: '1', token: 1 };
  await book.open(writer, until);
  await book.tell('paris', { decidedAt: startAt, planDigest: '0123456789abcdef', when: 'before', body: {} });
  await book.close(writer, null);
  await book.close(writer, '{}');
  const reports = reportsTable(dynamodb, reportsTableName(), clock);
  await reports.put(report('paris/path-a'));
  await reports.put(report('paris/office', { rttMs: null }));
  await reports.read(['paris/path-a', 'paris/path-b', 'paris/office']).catch(() => {});

  for (const name of updateStates) {
    if (name === 'RecordRequest') continue;
    for (const scope of scopes) await runState(site, name, { me: '1', ...scope });
  }
  const claim = { Gateway: 'gw-a', Repair: '1', 'automation:EXECUTION_ID': 'run-1' };
  await runStep(site, ['reboot', 'claimGateway'], claim, { TableName: stateTableName() });
  for (const request of requests) {
    const update = { ...updateFor(request, 0, startAt) } as never;
    await runState(site, 'RecordRequest', { me: '1', variables: { decision: { update } } });
  }
  return { seed, all };
}
