/**
 * Two deployments of one mesh in one simulated world: the first in frankfurt, its standby in ohio, each with its own stacks
 * in both regions and accounts. Commands are given by a person who holds the standby's policies and nothing else.
 */
import { endFrom } from '../../cli/operate/exit-codes';
import { footingIn } from '../../cli/operate/local';
import type { Outcome, Work } from '../../cli/operate/operate';
import { sessionOn } from '../../cli/operate/session';
import { type TakeoverOptions, takeover } from '../../cli/operate/takeover';
import { type Instant, minuteMs } from '../../core/words/time';
import { VirtualClock } from '../../local-cloud/clock';
import type { CallRecord } from '../../local-cloud/front/front';
import { simulationStart } from '../../local-cloud/latency';
import type { LocalCloud } from '../../local-cloud/local-cloud';
import { isRouteWrite } from '../../sim/route-call';
import { RouteWatch } from '../../sim/route-watch';
import { SimulatedCloud } from '../../sim/simulated-cloud';
import { synthesisFor } from '../../sim/synthesis-cache';
import { meshAndStandby } from '../given-ends';

const { first, standby } = meshAndStandby();
const operator = { role: 'operator', by: 'test' };
const seed = 7;
const endRole = 'switchback-mesh-end-ohio';

/** What writes, or has something write. */
const isWrite = ({ operation }: CallRecord): boolean =>
  isRouteWrite(operation) || operation === 'StartAutomationExecution';

export class TwoBrains {
  readonly clock = new VirtualClock(simulationStart);
  readonly cloud = new SimulatedCloud({
    ...{ source: synthesisFor(first), deployment: first, clock: this.clock, seed, tables: 'memory' },
    standby: { source: synthesisFor(standby), deployment: standby },
  });
  readonly routes = new RouteWatch(this.cloud.world);

  static async open(): Promise<TwoBrains> {
    const two = new TwoBrains();
    await two.cloud.open();
    two.cloud.start();
    await two.pass(2 * minuteMs);
    return two;
  }

  get here(): LocalCloud {
    return this.cloud.standby[0]!;
  }

  /** The first's stack where the standby is: its role there is what is fenced. */
  get ohio(): LocalCloud {
    return this.cloud.ends.get('ohio')!;
  }

  pass(ms: number): Promise<void> {
    return this.clock.runUntil(this.clock.now() + ms);
  }

  /** As `operate` does, in a cloud that outlives the command. */
  async given(work: Work, name = 'mesh-standby', cloud: LocalCloud = this.here): Promise<Outcome> {
    const ground = footingIn(cloud, this.clock);
    try {
      return await ground.play(async () => work(await sessionOn(ground, name)));
    } catch (error) {
      const { code, text } = endFrom(error);
      return { code, lines: [text], json: null };
    }
  }

  takeOver(more: Partial<TakeoverOptions> = {}): Promise<Outcome> {
    return this.given(
      takeover({ name: 'mesh-standby', at: 0, timeout: 60_000, yes: true, from: 'eu-central-1', ...more }),
    );
  }

  /** Of the first, everything that starts runs, and what runs: a control plane that has gone silent, and comes back. */
  async first(isAwake: boolean): Promise<void> {
    const running = isAwake ? [] : this.cloud.stepfunctions.executions.filter(({ status }) => status === 'RUNNING');
    for (const { arn } of running)
      void this.cloud.front.call(operator, 'stepfunctions', 'StopExecution', { executionArn: arn });
    const operation = isAwake ? 'EnableRule' : 'DisableRule';
    for (const cloud of [this.cloud, this.ohio]) {
      const call = (service: string, asked: string, input: object) => cloud.front.call(operator, service, asked, input);
      const rules = cloud.template
        .ofType('AWS::Events::Rule')
        .filter(({ logicalId }) => !/Canaries|KeepWarm/.test(logicalId));
      const mappings = cloud.template.ofType('AWS::Lambda::EventSourceMapping');
      const asked = [
        ...rules.map(({ name }) => call('events', operation, { Name: name })),
        ...mappings.map(({ ref }) => call('lambda', 'UpdateEventSourceMapping', { UUID: ref, Enabled: isAwake })),
      ];
      await this.pass(minuteMs / 60);
      await Promise.all(asked);
    }
  }

  /** Of the first where the standby is, from then on: how each write ended that it tried; empty text: it wrote. */
  writesOfFirst(since: Instant): string[] {
    return this.callsOfFirst(since)
      .filter(isWrite)
      .map(({ error }) => error);
  }

  /** How all that it asked there ended, each ending once. */
  endingsOfFirst(since: Instant): string[] {
    return [...new Set(this.callsOfFirst(since).map(({ error }) => error))].sort();
  }

  /** How it ended that the first asked for keys of its role there, each ending once. */
  keysOfFirst(since: Instant): string[] {
    const asked = this.cloud.front.calls.filter(
      ({ at, operation, input }) =>
        at >= since && operation === 'AssumeRole' && JSON.stringify(input).includes(endRole),
    );
    return [...new Set(asked.map(({ error }) => error))];
  }

  private callsOfFirst(since: Instant): readonly CallRecord[] {
    const { logicalId } = [...this.ohio.authority.roles.values()].find(({ name }) => name === endRole)!;
    return this.ohio.front.calls.filter(({ at, role }) => at >= since && role === logicalId);
  }

  /** What was changed in IAM, and by whom. */
  fencing(): string[] {
    return this.cloud.calls
      .filter(({ service, operation, error }) => service === 'iam' && !operation.startsWith('Get') && error === '')
      .map(({ operation, input }) => `${operation} ${(input as { RoleName: string }).RoleName}`);
  }

  /** By any of the standby's roles, at whichever end. */
  writesOfStandby(): readonly CallRecord[] {
    return this.cloud.standby.flatMap(({ front }) => front.calls.filter((call) => isWrite(call) && call.error === ''));
  }

  runsOfStandby(): number {
    return this.here.stepfunctions.executions.length;
  }

  tokenOfStandby(): Promise<string | undefined> {
    const table = String(this.here.template.output('StateTable'));
    const key = { pk: { S: 'connection#frankfurt-ohio' }, sk: { S: 'lease' } };
    return this.here.dynamodb.peek(table, key).then((item) => (item?.['token'] as { N: string } | undefined)?.N);
  }
}
