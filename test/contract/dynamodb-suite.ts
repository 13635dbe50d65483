/**
 * DynamoDB: the tables' adapters, the journal, and the very expressions of the state machine, state by state, in the
 * order of a failover. What is asserted of a refusal is its name, because the machine's Catch matches on that.
 */
import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { fromItem } from '../../adapters/dynamodb/attributes';
import { journal as journalAdapter } from '../../adapters/dynamodb/journal';
import { reportsTable } from '../../adapters/dynamodb/reports-table';
import { leaseKey, stateTable } from '../../adapters/dynamodb/state-table';
import { declaredIds } from '../../core/gateways/identity';
import { nothingDesired } from '../../core/store/lease';
import { updateFor } from '../../core/turn/request';
import type { OperatorRequest } from '../../core/words/decision';
import type { CanaryReport } from '../../core/words/evidence';
import { instanceAt } from '../../core/words/gateways';
import { limits } from '../../core/words/policy';
import { runState, runStep, type Scope } from './product-calls';
import { type Cloud, outcomeOf, reportsTableName, type Site, stateTableName } from './site';

const refused = 'ConditionalCheckFailedException';
const first = 'arn:aws:states:eu-central-1:123456789012:execution:failover:first';
const second = `${first}-not`;

interface Stage extends Site {
  readonly table: ReturnType<typeof stateTable>;
  /** The machine's own update; the item as answered, as plain data. */
  update(state: string, scope: Scope): Promise<Record<string, unknown>>;
  refusal(state: string, scope: Scope): Promise<string>;
  item(kind: 'connection' | 'gateway', name: string): Promise<Record<string, unknown>>;
}

async function stage(cloud: Cloud): Promise<Stage> {
  const site = await cloud.site('tables');
  const table = stateTable(site.aws.dynamodb, stateTableName(), site.clock);
  await table.seed(['paris'], [site.deployment.gateways['gw-a']!]);
  return {
    ...site,
    table,
    update: async (state, scope) => fromItem((await runState(site, state, scope)).Attributes ?? {}),
    refusal: (state, scope) => outcomeOf(runState(site, state, scope)),
    item: async (kind, name) => {
      const get = new GetItemCommand({ TableName: stateTableName(), Key: leaseKey(kind, name), ConsistentRead: true });
      return fromItem((await site.aws.dynamodb.send(get)).Item ?? {});
    },
  };
}

/** At once, where that is safe: that an update is atomic is DynamoDB's promise, and moto's threads make none. */
async function together<T>(cloud: Cloud, callers: readonly string[], call: (me: string) => Promise<T>): Promise<T[]> {
  if (cloud.name === 'fakes') return Promise.all(callers.map(call));
  const answers: T[] = [];
  for (const me of callers) answers.push(await call(me));
  return answers;
}

/** A holder with the first token, that has seen no signal. */
const holder = { me: first, variables: { token: 1, signals: 0, memory: '{"schema":1}', memoryTold: '{"told":1}' } };

const aSecond = 1_000;
const { leaseMs, leaseGraceMs: graceMs } = limits;

export function leaseContract(cloud: Cloud): void {
  it('seeds what is not there and touches nothing that is', async () => {
    const { table, update, item, deployment } = await stage(cloud);
    expect(await item('connection', 'paris')).toMatchObject({ signals: 0, token: 0, drains: {} });
    await update('TakeLease', { me: first });
    await table.seed(['paris'], [deployment.gateways['gw-a']!]);
    expect(await table.readConnection('paris')).toMatchObject({ holder: first, token: 1 });
    expect(await table.readConnection('nowhere')).toBeNull();
    expect(await table.readGateways(['gw-a', 'gw-z'])).toMatchObject({
      'gw-a': { holder: null },
      'gw-z': { holder: null },
    });
  });

  it('takes a free lease and answers with the whole item, its signals among it', async () => {
    const { update, clock } = await stage(cloud);
    expect(await update('TakeLease', { me: first })).toMatchObject({
      holder: first,
      token: 1,
      signals: 0,
      leaseUntil: clock.now() + leaseMs,
    });
  });

  it('refuses a held lease until the grace is over, then hands it on with the next token', async () => {
    const { update, refusal, clock } = await stage(cloud);
    await update('TakeLease', { me: first });
    expect(await refusal('TakeLease', { me: second })).toBe(refused);
    await clock.sleep(leaseMs + graceMs);
    expect(await refusal('TakeLease', { me: second })).toBe(refused);
    await clock.sleep(1);
    expect(await update('TakeLease', { me: second })).toMatchObject({ holder: second, token: 2 });
  });

  it('keeps which ids were declared, one deployment after the other, and creates no gateway by that', async () => {
    const { aws, clock, deployment } = await cloud.site('tables');
    const table = stateTable(aws.dynamodb, stateTableName(), clock);
    const gateway = instanceAt(deployment, 'gw-a');
    const rebuilt = { ...gateway, instanceId: 'i-0cc', routeInterfaceId: 'eni-0cc' };
    await table.declare([gateway]);
    expect((await table.readGateways(['gw-a']))['gw-a']).not.toHaveProperty('declared');
    await table.seed([], [gateway]);
    const { instanceId, routeInterfaceId } = gateway;
    expect((await table.readGateways(['gw-a']))['gw-a']).toMatchObject({ declared: { instanceId, former: [] } });
    for (const each of [gateway, gateway, rebuilt, rebuilt]) await table.declare([each]);
    expect((await table.readGateways(['gw-a']))['gw-a']).toMatchObject({
      holder: null,
      declared: { instanceId: 'i-0cc', routeInterfaceId: 'eni-0cc', former: [{ instanceId, routeInterfaceId }] },
    });
  });

  it('writes down which configuration is deployed, once each, with the token there is then', async () => {
    const { table, update, item } = await stage(cloud);
    expect(await table.stamp('paris', 'one')).toBe(true);
    await update('TakeLease', { me: first });
    expect(await table.stamp('paris', 'one')).toBe(false);
    expect((await table.readConnection('paris'))?.stamp).toEqual({ configured: 'one', token: 0 });
    expect(await table.stamp('paris', 'two')).toBe(true);
    expect((await table.readConnection('paris'))?.stamp).toEqual({ configured: 'two', token: 1 });
    expect(await table.stamp('oslo', 'two')).toBe(false);
    expect(await item('connection', 'oslo')).toEqual({});
  });

  it('changes who a gateway is only while its item is what was looked at', async () => {
    const { aws, clock, deployment } = await cloud.site('tables');
    const table = stateTable(aws.dynamodb, stateTableName(), clock);
    await table.seed([], [deployment.gateways['gw-b']!]);
    const ids = { instanceId: 'i-0cc', routeInterfaceId: 'eni-0cc' };
    const apart = { what: 'unjournalled', ...ids, since: 7 } as const;
    const lease = async () => (await table.readGateways(['gw-b']))['gw-b']!;
    expect(await table.amend('gw-b', () => null)).toBe(false);
    expect(await table.amend('gw-b', () => ({ apart }))).toBe(true);
    expect(await lease()).toMatchObject({ identity: null, apart });
    expect(await table.amend('gw-b', (seen) => ({ identity: { ...ids, former: [seen.apart!] }, apart: null }))).toBe(
      true,
    );
    expect(await lease()).toMatchObject({ identity: ids, declared: { former: [] } });
    expect(await lease()).not.toHaveProperty('apart');
    const beforehand = {
      ...aws.dynamodb,
      send: async (command: Parameters<typeof aws.dynamodb.send>[0]) => {
        if (command instanceof UpdateItemCommand) await table.amend('gw-b', () => ({ apart }));
        return aws.dynamodb.send(command);
      },
    } as typeof aws.dynamodb;
    const late = stateTable(beforehand, stateTableName(), clock);
    expect(await late.amend('gw-b', () => ({ identity: { instanceId: 'i-0dd', routeInterfaceId: 'eni-0dd' } }))).toBe(
      false,
    );
    expect(await lease()).toMatchObject({ identity: ids, apart });
  });

  it('refuses a connection that was never seeded', async () => {
    const { refusal } = await stage(cloud);
    for (const state of ['TakeLease', 'RecordSignal', 'RecordRequest'])
      expect(await refusal(state, { me: first, input: { connection: 'oslo' }, variables: pauseVariables })).toBe(
        refused,
      );
  });

  it('lets one of many that want the lease at once have it', async () => {
    const { refusal } = await stage(cloud);
    const outcomes = await together(cloud, ['a', 'b', 'c', 'd', 'e'], (me) => refusal('TakeLease', { me }));
    expect(outcomes.sort()).toEqual([refused, refused, refused, refused, 'accepted']);
  });

  it('records a signal: counts it, and keeps nothing that its input claims', async () => {
    const { update, item } = await stage(cloud);
    await update('TakeLease', { me: first });
    await update('RecordSignal', { me: second, input: { observation: { round: 7 } } });
    const counted = await item('connection', 'paris');
    expect(counted).toMatchObject({ holder: first, signals: 1 });
    expect(counted).not.toHaveProperty('observation');
  });

  it('counts every signal once, and leaves the wake-up token to the next one', async () => {
    const { update, item } = await stage(cloud);
    await update('TakeLease', { me: first });
    await update('AwaitNews', { ...holder, taskToken: 'token-1' });
    const answers = await together(cloud, ['x', 'y', 'z'], (me) => update('RecordSignal', { me }));
    const inOrder = answers.sort((one, other) => Number(one['signals']) - Number(other['signals']));
    expect(inOrder.map(({ signals, waiter }) => [signals, waiter])).toEqual([
      [1, 'token-1'],
      [2, 'token-1'],
      [3, 'token-1'],
    ]);
    expect(inOrder[0]).toMatchObject({ pk: 'connection#paris', sk: 'lease', holder: first, token: 1 });
    expect(await item('connection', 'paris')).toMatchObject({ signals: 3, waiter: 'token-1' });
  });

  it('sleeps only while nothing was signalled since the last look', async () => {
    const { update, refusal, item, clock } = await stage(cloud);
    await update('TakeLease', { me: first });
    const asleep = { ...holder, taskToken: 'token-1' };
    await clock.sleep(aSecond);
    await update('AwaitNews', asleep);
    expect(await item('connection', 'paris')).toMatchObject({ waiter: 'token-1', leaseUntil: clock.now() + leaseMs });
    await update('RecordSignal', { me: second });
    expect(await refusal('AwaitNews', asleep)).toBe(refused);
    await update('RenewLease', holder);
    expect(await item('connection', 'paris')).not.toHaveProperty('waiter');
  });

  it('releases only while nothing was signalled, and leaves the memory behind', async () => {
    const { update, refusal, item } = await stage(cloud);
    await update('TakeLease', { me: first });
    await update('RecordSignal', { me: second });
    for (const state of ['ReleaseLease', 'DropLease']) expect(await refusal(state, holder)).toBe(refused);
    const informed = { ...holder, variables: { ...holder.variables, signals: 1 } };
    await update('ReleaseLease', informed);
    const free = await item('connection', 'paris');
    expect(free).toMatchObject({ token: 1, signals: 1, memory: '{"schema":1}' });
    for (const gone of ['holder', 'leaseUntil', 'waiter']) expect(free).not.toHaveProperty(gone);
    expect(await update('TakeLease', { me: second })).toMatchObject({ token: 2 });
    await update('DropLease', { me: second, variables: { token: 2, signals: 1 } });
    expect(await item('connection', 'paris')).not.toHaveProperty('holder');
  });

  it('refuses whoever has lost the lease, in every state that writes under it', async () => {
    const { update, refusal, clock } = await stage(cloud);
    await update('TakeLease', { me: first });
    await clock.sleep(leaseMs + graceMs + 1);
    await update('TakeLease', { me: second });
    const decision = { clientToken: 'c' };
    const late = { ...holder, variables: { ...holder.variables, decision, automationId: 'x' } };
    for (const state of [
      'JournalRepair',
      'JournalRung',
      'KeepMemory',
      'RecordTold',
      'AwaitNews',
      'RenewLease',
      'ReleaseLease',
      'DropLease',
    ])
      expect([state, await refusal(state, late)]).toEqual([state, refused]);
  });

  it('takes over from a holder that is gone, once no write of its can be under way', async () => {
    const { update, refusal, aws, clock } = await stage(cloud);
    await update('TakeLease', { me: first });
    const writer = { connection: 'paris', holder: first, token: 1 };
    const journal = journalAdapter(aws.dynamodb, stateTableName(), clock);
    expect(await journal.open(writer, clock.now() + aSecond)).toMatchObject({ holder: first, token: 1 });
    const held = { holder: { S: first }, token: { N: '1' } };
    expect(await refusal('TakeOver', { me: second, variables: { held } })).toBe(refused);
    // The writer's own end, and the grace for what it sent last.
    await clock.sleep(6 * aSecond + 1);
    expect(await update('TakeOver', { me: second, variables: { held } })).toMatchObject({ holder: second, token: 2 });
    expect(await refusal('TakeOver', { me: 'third', variables: { held } })).toBe(refused);
  });

  it('keeps memory, told and rung under the lease', async () => {
    const { update, item, table } = await stage(cloud);
    await update('TakeLease', { me: first });
    const variables = { ...holder.variables, decision: { clientToken: 'c-1' }, automationId: 'run-1' };
    for (const state of ['JournalRepair', 'JournalRung', 'KeepMemory']) await update(state, { ...holder, variables });
    expect(await item('connection', 'paris')).toMatchObject({
      memory: '{"schema":1}',
      automation: { clientToken: 'c-1', id: 'run-1' },
    });
    expect((await table.readConnection('paris'))!.automation).toEqual({ clientToken: 'c-1', id: 'run-1' });
    await update('RecordTold', holder);
    expect(await item('connection', 'paris')).toMatchObject({ memory: '{"told":1}' });
  });
}

export function gatewayContract(cloud: Cloud): void {
  const repair = (
    clock: Site['clock'],
    clientToken: string,
    connection = 'paris',
    { token = 1, lastsS = 600, endedClaim = 'none' } = {},
  ): Scope => ({
    me: first,
    input: { connection },
    variables: {
      token,
      decision: {
        gateway: 'gw-a',
        clientToken,
        rung: 'reboot',
        gatewayUntil: clock.now() + lastsS * aSecond,
        endedClaim,
        decidedAt: clock.now(),
      },
    },
  });
  const ended = (
    clock: Site['clock'],
    clientToken: string,
    identity: object | null,
    claim = 'none',
    isOver = true,
  ): Scope => ({
    me: first,
    variables: {
      rungEnded: {
        gateway: 'gw-a',
        clientToken,
        until: clock.now() + 90 * aSecond,
        identity: identity as never,
        claim,
        isOver,
      },
    },
  });

  /** As an automation says it in its first step. */
  const claim = (site: Site, Repair: string, id: string): Promise<string> => {
    const values = { Gateway: 'gw-a', Repair, 'automation:EXECUTION_ID': id };
    return outcomeOf(runStep(site, ['reboot', 'claimGateway'], values, { TableName: stateTableName() }));
  };

  it('is one connection’s at a time, until it is freed or its time is over', async () => {
    const { update, refusal, table, clock, deployment } = await stage(cloud);
    await update('TakeGateway', repair(clock, 'c-1'));
    expect(await table.readGateways(['gw-a'])).toEqual({
      'gw-a': {
        gateway: 'gw-a',
        holder: 'paris',
        clientToken: 'c-1',
        rung: 'reboot',
        until: clock.now() + 600 * aSecond,
        claimedBy: null,
        identity: null,
        declared: { ...declaredIds(instanceAt(deployment, 'gw-a')), former: [] },
        unread: null,
      },
    });
    expect(await refusal('TakeGateway', repair(clock, 'c-2', 'oslo'))).toBe(refused);
    expect(await refusal('TakeGateway', repair(clock, 'c-2'))).toBe('accepted');
    await clock.sleep(600 * aSecond + graceMs + 1);
    expect(await refusal('TakeGateway', repair(clock, 'c-3', 'oslo'))).toBe('accepted');
  });

  it('is not given back to a run that has lost its connection, nor to a late copy of an earlier take', async () => {
    const { refusal, clock } = await stage(cloud);
    const by = (token: number, lastsS?: number): Promise<string> =>
      refusal('TakeGateway', repair(clock, `c-${token}`, 'paris', { token, ...(lastsS && { lastsS }) }));
    expect(await by(2)).toBe('accepted');
    expect(await by(1)).toBe(refused);
    expect(await by(2)).toBe('accepted');
    expect(await by(2, 500)).toBe(refused);
    expect(await by(3, 500)).toBe('accepted');
  });

  it('settles after the rung that took it, and remembers a new identity', async () => {
    const { update, refusal, table, clock } = await stage(cloud);
    const identity = { instanceId: 'i-1', routeInterfaceId: 'eni-1' };
    await update('TakeGateway', repair(clock, 'c-1'));
    expect(await refusal('FreeGateway', ended(clock, 'c-0', null))).toBe(refused);
    await update('FreeGateway', ended(clock, 'c-1', identity));
    const settled = { holder: 'paris', clientToken: null, until: clock.now() + 90 * aSecond, identity };
    expect(await table.readGateways(['gw-a'])).toMatchObject({ 'gw-a': settled });
    expect(await refusal('TakeGateway', repair(clock, 'c-2', 'oslo'))).toBe(refused);
    await clock.sleep(90 * aSecond + graceMs + 1);
    await update('TakeGateway', repair(clock, 'c-2', 'oslo'));
    expect(await refusal('FreeGateway', ended(clock, 'c-1', null))).toBe(refused);
    await update('FreeGateway', ended(clock, 'c-2', null));
    expect(await table.readGateways(['gw-a'])).toMatchObject({ 'gw-a': { holder: 'oslo', identity } });
  });

  it('refuses an automation that begins after somebody else has taken it, or after its rung was given up', async () => {
    const site = await stage(cloud);
    const { update, refusal, clock } = site;
    await update('TakeGateway', repair(clock, 'c-1'));
    await clock.sleep(600 * aSecond + graceMs + 1);
    await update('TakeGateway', repair(clock, 'c-2', 'oslo'));
    expect(await claim(site, 'c-1', 'late')).toBe(refused);
    expect(await claim(site, 'c-2', 'mine')).toBe('accepted');
    expect(await claim(site, 'c-2', 'mine')).toBe('accepted');
    expect(await refusal('FreeGateway', ended(clock, 'c-2', null))).toBe(refused);
    await update('FreeGateway', ended(clock, 'c-2', null, 'mine'));
    expect(await claim(site, 'c-2', 'mine')).toBe(refused);
  });

  it('waits for an automation that began, past its time, until that is known to have ended', async () => {
    const site = await stage(cloud);
    const { update, refusal, table, clock } = site;
    await update('TakeGateway', repair(clock, 'c-1'));
    await clock.sleep(600 * aSecond + graceMs + 1);
    expect(await claim(site, 'c-1', 'late')).toBe('accepted');
    expect(await refusal('TakeGateway', repair(clock, 'c-2', 'oslo'))).toBe(refused);
    expect(await refusal('TakeGateway', repair(clock, 'c-3', 'paris', { token: 2 }))).toBe(refused);
    await update('FreeGateway', ended(clock, 'c-1', null, 'late', false));
    expect(await table.readGateways(['gw-a'])).toMatchObject({ 'gw-a': { claimedBy: 'late' } });
    await clock.sleep(90 * aSecond + graceMs + 1);
    expect(await refusal('TakeGateway', repair(clock, 'c-2', 'oslo'))).toBe(refused);
    expect(await refusal('TakeGateway', repair(clock, 'c-2', 'oslo', { endedClaim: 'late' }))).toBe('accepted');
    await update('FreeGateway', ended(clock, 'c-2', null, 'late'));
    expect(await table.readGateways(['gw-a'])).toMatchObject({ 'gw-a': { claimedBy: null } });
  });
}

const until = Date.UTC(2026, 10, 21);
const asked = { connection: 'paris', requestedBy: 'ana' };
const requests = {
  drain: { ...asked, trigger: 'maintenance', path: 'a', until, reason: 'kernel', drain: 'soft', force: false },
  drainOther: { ...asked, trigger: 'maintenance', path: 'b', until, reason: 'disk', drain: 'hard', force: false },
  drained: { ...asked, trigger: 'maintenance_end', path: 'a' },
  pause: { ...asked, trigger: 'pause', until, reason: 'audit' },
  rehearsal: { ...asked, trigger: 'rehearsal' },
  resume: { ...asked, trigger: 'resume' },
  acknowledge: { ...asked, trigger: 'acknowledge' },
  word: { ...asked, trigger: 'failback', routeSet: 'office' },
  drill: { ...asked, trigger: 'drill', routeSet: 'office' },
  drillAll: { ...asked, trigger: 'drill' },
  divert: { ...asked, trigger: 'divert', routeSets: ['office', 'lab'], to: 'b', until, reason: 'swap' },
} satisfies Record<string, OperatorRequest>;
const variablesOf = (request: OperatorRequest, commands: number, now: number) => ({
  decision: { update: { ...updateFor(request, commands, now) } as never },
});
const pauseVariables = variablesOf(requests.pause, 0, 0);

export function desiredStateContract(cloud: Cloud): void {
  it('records each kind of request: nested drains set and removed, and every one counted as a signal', async () => {
    const { update, table, clock } = await stage(cloud);
    const now = clock.now();
    const ask = async (request: OperatorRequest) => {
      const { commands } = (await table.readConnection('paris'))!.desired;
      await update('RecordRequest', { me: second, variables: variablesOf(request, commands, now) });
      const { signals, desired } = (await table.readConnection('paris'))!;
      expect(desired.commands).toBe(commands + 1);
      return [signals, { ...desired, commands: 0 }];
    };
    const drainOf = (kind: string, reason: string) => ({ kind, since: now, until, reason, requestedBy: 'ana' });
    const drains = { a: drainOf('soft', 'kernel'), b: drainOf('hard', 'disk') };
    expect(await ask(requests.drain)).toEqual([1, { ...nothingDesired, drains: { a: drains.a } }]);
    expect(await ask(requests.drainOther)).toEqual([2, { ...nothingDesired, drains }]);
    expect(await ask(requests.drained)).toEqual([3, { ...nothingDesired, drains: { b: drains.b } }]);
    expect(await ask(requests.drained)).toEqual([4, { ...nothingDesired, drains: { b: drains.b } }]);
    const paused = { since: now, until, reason: 'audit', requestedBy: 'ana' };
    expect(await ask(requests.pause)).toEqual([5, { ...nothingDesired, drains: { b: drains.b }, paused }]);
    expect(await ask(requests.resume)).toEqual([6, { ...nothingDesired, drains: { b: drains.b } }]);
    const acknowledged = { ...nothingDesired, drains: { b: drains.b }, acknowledgedAt: now };
    expect(await ask(requests.acknowledge)).toEqual([7, acknowledged]);
    const failback = { since: now, routeSet: 'office', requestedBy: 'ana' };
    expect(await ask(requests.word)).toEqual([8, { ...acknowledged, failback }]);
    const word = { since: now, until, to: 'b', reason: 'swap', requestedBy: 'ana' };
    const diverts = { office: word, lab: word };
    expect(await ask(requests.divert)).toEqual([9, { ...acknowledged, failback, diverts }]);
    const drill = { since: now, routeSet: 'office', requestedBy: 'ana' };
    expect(await ask(requests.drill)).toEqual([10, { ...acknowledged, failback, diverts, drill }]);
    const all = { ...drill, routeSet: null };
    expect(await ask(requests.drillAll)).toEqual([11, { ...acknowledged, failback, diverts, drill: all }]);
    const rehearsal = (await ask(requests.rehearsal))[1] as { rehearsal: unknown };
    expect(rehearsal.rehearsal).toMatchObject({ since: now, requestedBy: 'ana' });
  });

  it('records one of the drains that were reviewed beside each other; force and a pause pass by', async () => {
    const { update, refusal, table, clock } = await stage(cloud);
    const seen = (request: OperatorRequest, commands: number) => ({
      me: second,
      variables: variablesOf(request, commands, clock.now()),
    });
    const commands = async () => (await table.readConnection('paris'))!.desired.commands;
    const outcomes = await together(cloud, ['drain', 'drainOther', 'drain'], (name) =>
      refusal('RecordRequest', seen(requests[name as 'drain'], 0)),
    );
    expect(outcomes.toSorted()).toEqual([refused, refused, 'accepted'].toSorted());
    expect(await commands()).toBe(1);
    expect(await refusal('RecordRequest', seen(requests.drainOther, 0))).toBe(refused);
    await update('RecordRequest', seen({ ...requests.drainOther, force: true }, 0));
    await update('RecordRequest', seen(requests.pause, 0));
    await update('RecordRequest', seen(requests.drained, 0));
    expect(await commands()).toBe(4);
    expect(await refusal('RecordRequest', seen(requests.drain, 3))).toBe(refused);
    await update('RecordRequest', seen(requests.drain, 4));
    expect(await commands()).toBe(5);
  });

  it('seeds the item of a connection that a signal met first, once', async () => {
    const { update, refusal, item } = await stage(cloud);
    const oslo = { me: first, input: { connection: 'oslo' } };
    await update('SeedConnection', oslo);
    const seeded = (await item('connection', 'oslo')) as { seededAt: number };
    expect(seeded).toMatchObject({ signals: 0, token: 0, drains: {}, seededAt: expect.any(Number) });
    expect(await refusal('SeedConnection', oslo)).toBe(refused);
    await update('TakeLease', oslo);
  });
}

export function journalContract(cloud: Cloud): void {
  const mine = { connection: 'paris', holder: first, token: 1 };

  it('opens and closes for the holder, and for nobody else', async () => {
    const { update, item, aws, clock } = await stage(cloud);
    const journal = journalAdapter(aws.dynamodb, stateTableName(), clock);
    expect(await journal.open(mine, clock.now())).toBeNull();
    await update('TakeLease', { me: first });
    expect(await journal.open({ ...mine, token: 2 }, clock.now())).toBeNull();
    const opened = { holder: first, token: 1, writeUntil: clock.now() + 7 };
    expect(await journal.open(mine, clock.now() + 7)).toMatchObject(opened);
    expect(await item('connection', 'paris')).toMatchObject({ writeUntil: clock.now() + 7 });
    expect(await journal.close({ ...mine, holder: second }, null)).toBe(false);
    expect(await journal.close(mine, '{"schema":1}')).toBe(true);
    expect(await journal.close(mine, null)).toBe(true);
    const after = await item('connection', 'paris');
    expect(after).toMatchObject({ memory: '{"schema":1}' });
    expect(after).not.toHaveProperty('writeUntil');
  });

  it('tells a story twice as one item', async () => {
    const { aws, clock } = await stage(cloud);
    const journal = journalAdapter(aws.dynamodb, stateTableName(), clock);
    const story = {
      decidedAt: clock.now(),
      planDigest: '0123456789abcdef',
      when: 'before',
      body: { steps: [1] },
    } as const;
    await journal.tell('paris', story);
    await journal.tell('paris', story);
    const sk = { S: `story#${new Date(clock.now()).toISOString()}#0123456789ab#before` };
    const Key = { ...leaseKey('connection', 'paris'), sk };
    const { Item } = await aws.dynamodb.send(new GetItemCommand({ TableName: stateTableName(), Key }));
    expect(fromItem(Item!)).toEqual({ pk: 'connection#paris', sk: sk.S, body: '{"steps":[1]}' });
  });
}

export function reportsContract(cloud: Cloud): void {
  const report = (canary: string, over: Partial<CanaryReport> = {}): CanaryReport => ({
    schema: 1,
    canary,
    connection: 'paris',
    reportedAt: 1_800_000_000_123,
    since: 1_800_000_000_000,
    answeredAt: 1_800_000_000_100,
    missedSince: 0,
    verdict: 'degraded',
    lossRatio: 0.25,
    rttMs: 24.5,
    missedInARow: 0,
    answeredInARow: 3,
    gatewayProbe: 'up',
    fullSize: 'both_ways',
    runId: 'run',
    round: 12,
    changed: true,
    ...over,
  });

  it('gives back what was put, numbers, null and all; the newest only; null for a canary that never reported', async () => {
    const { aws, clock } = await cloud.site('tables');
    const table = reportsTable(aws.dynamodb, reportsTableName(), clock);
    await table.put(report('paris/a'));
    await table.put(report('paris/a', { round: 13, changed: false }));
    await table.put(report('paris/b', { rttMs: null, verdict: 'down' }));
    expect(await table.read(['paris/a', 'paris/b', 'paris/c'])).toEqual({
      'paris/a': report('paris/a', { round: 13, changed: false }),
      'paris/b': report('paris/b', { rttMs: null, verdict: 'down' }),
      'paris/c': null,
    });
  });

  it('answers a ping that changes nothing with the report that is there, if there is one', async () => {
    const { aws, clock } = await cloud.site('tables');
    const table = reportsTable(aws.dynamodb, reportsTableName(), clock);
    await table.put(report('paris/a'));
    expect(await table.ping('paris/a')).toEqual(report('paris/a'));
    expect(await table.ping('paris/b')).toBeNull();
    expect(await table.read(['paris/a', 'paris/b'])).toEqual({ 'paris/a': report('paris/a'), 'paris/b': null });
  });

  it('shows since when a path canary fails, to the canaries of that connection', async () => {
    const { aws, clock } = await cloud.site('tables');
    const table = reportsTable(aws.dynamodb, reportsTableName(), clock);
    expect(await table.failingSince('paris')).toBe(0);
    await table.putFailing('paris', 1_700_000_000_000);
    expect(await table.failingSince('paris')).toBe(1_700_000_000_000);
    expect(await table.failingSince('rome')).toBe(0);
  });

  it('shows the proof that a replacement waits for', async () => {
    const site = await cloud.site('tables');
    await reportsTable(site.aws.dynamodb, reportsTableName(), site.clock).put(report('paris/a'));
    const proof = (Canary: string) =>
      runStep(site, ['replace', 'proveByCanary'], { Canary }, { TableName: reportsTableName() });
    expect(await proof('paris/a')).toMatchObject({ Item: { verdict: { S: 'degraded' } } });
    expect(await proof('paris/b')).not.toHaveProperty('Item.verdict');
  });

  it('reads more canaries than fit one BatchGetItem', async () => {
    const { aws, clock } = await cloud.site('tables');
    const table = reportsTable(aws.dynamodb, reportsTableName(), clock);
    await table.put(report('paris/c104'));
    const ids = Array.from({ length: 105 }, (_, i) => `paris/c${i}`);
    const read = await table.read(ids);
    expect(Object.keys(read)).toEqual(ids);
    expect(ids.filter((id) => read[id] !== null)).toEqual(['paris/c104']);
  });
}
