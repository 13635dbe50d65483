/**
 * A World on virtual time for function and adapter tests: no test waits, and "two seconds later" is exact.
 */
import type { Attempt, AttemptResult, InvocationContext, World } from '../../../functions/world';
import { VirtualClock } from '../../../local-cloud/clock';
import type { AwsMocks } from '../adapters/aws-mocks';

/** 2026-11-20T21:00:00Z */
export const startAt = Date.UTC(2026, 10, 20, 21, 0, 0);

export type Connect = (target: Attempt, timeoutMs: number) => AttemptResult;

export const answers =
  (rttMs = 20): Connect =>
  () => ({ answered: true, refused: false, rttMs });
export const silence: Connect = (_target, timeoutMs) => ({ answered: false, refused: false, rttMs: timeoutMs });

export class VirtualWorld implements World {
  readonly clock = new VirtualClock(startAt);
  readonly lines: Record<string, unknown>[] = [];
  readonly aws: World['aws'];
  /** What other regions answer; a test that asks one without it has made a mistake. */
  elsewhere: Record<string, World['aws']> = {};
  connects: (Attempt & { readonly at: number })[] = [];
  reply: Connect = answers();
  env: Record<string, string | undefined> = {
    STATE_TABLE: 'state',
    REPORTS_TABLE: 'reports',
    METRIC_NAMESPACE: 'Switchback',
    STATE_MACHINE_ARN: 'arn:aws:states:eu-central-1:111122223333:stateMachine:demo-failover',
  };

  constructor(mocks: AwsMocks) {
    this.aws = mocks.clients;
  }

  awsIn: World['awsIn'] = (region) => {
    const clients = this.elsewhere[region];
    if (clients === undefined) throw new Error(`No clients for ${region}`);
    return clients;
  };
  now = (): number => this.clock.now();
  sleep = (ms: number): Promise<void> => this.clock.sleep(ms);
  log = (line: string): void => void this.lines.push(JSON.parse(line) as Record<string, unknown>);

  /** The answer comes when its round trip is over; silence ends at the timeout. */
  connect = async (target: Attempt, timeoutMs: number): Promise<AttemptResult> => {
    this.connects.push({ ...target, address: target.address, at: this.now() - startAt });
    const result = this.reply(target, timeoutMs);
    await this.sleep(Math.min(result.rttMs, timeoutMs));
    return result.rttMs > timeoutMs ? { answered: false, refused: false, rttMs: timeoutMs } : result;
  };

  /** Runs the clock until `work` is settled, at most ten minutes. */
  async finish<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    work.then(
      () => (settled = true),
      () => (settled = true),
    );
    await this.clock.runUntil(this.now() + 600_000, () => settled);
    if (!settled) throw new Error('the work did not end within ten minutes of virtual time');
    return work;
  }

  /** Runs `act` at an offset from the start. */
  at(offsetMs: number, act: () => void): void {
    this.clock.at(startAt + offsetMs, 'test', act);
  }

  /** Lambda's context; the remaining time runs down with the virtual clock. */
  context(timeoutMs: number): InvocationContext {
    const endsAt = this.now() + timeoutMs;
    return { awsRequestId: 'request-1', getRemainingTimeInMillis: () => endsAt - this.now() };
  }
}
