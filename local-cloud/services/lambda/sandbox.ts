/**
 * One execution environment of a Lambda function: the `FunctionWorld` its handler lives in, on virtual time.
 *
 * A frozen sandbox (timed out, its zone gone, silenced by a scenario) never hears of anything again: whatever it
 * awaits stays pending for ever. What it had already sent may still land, as on AWS.
 */
import type { Instant } from '../../../core/words/time';
import type { VirtualClock } from '../../clock';
import { AwsError, type Patience, unanswered } from '../../service';
import { type ConnectAttempt, type ConnectResult, httpRoundTrips } from '../../world-port';
import type {
  FunctionClients,
  FunctionWorld,
  Handler,
  HandlerContext,
  HandlerFactory,
  SessionKeys,
} from './function-world';

export interface SandboxSite {
  readonly clock: VirtualClock;
  readonly env: Readonly<Record<string, string>>;
  /** One attempt from the function's subnet; not answered when it has none. */
  connect(target: ConnectAttempt): ConnectResult;
  /** The same over a real network, which takes its own time; absent: simulated. */
  readonly reallyConnect?: ((target: ConnectAttempt, timeoutMs: number) => Promise<ConnectResult>) | undefined;
  /** One AWS call under the function's role. */
  callAws(
    service: string,
    operation: string,
    input: unknown,
    by: { invocation: string; region?: string; accessKeyId?: string },
  ): Promise<unknown>;
  /** Of the function's AWS clients. */
  readonly patience: Patience;
  /** By how much the function's clock is wrong. */
  skewMs(): number;
  log(line: string): void;
  /** The zone that carries the sandbox is up. */
  isPowered(): boolean;
}

/** `command.schema` is the SDK's own description: [kind, namespace, operation, …]; it survives minification. */
interface Command {
  readonly schema: readonly [number, string, string, ...unknown[]];
  readonly input: unknown;
}

/** What the SDK takes beside a command: this call's own timeout. */
interface SendOptions {
  readonly requestTimeout?: number;
}

/** Where a client calls, and with whose keys; absent: at home, as the function itself. */
interface Where {
  readonly region?: string;
  readonly as?: (() => Promise<SessionKeys>) | undefined;
}

const never = new Promise<never>(() => {});

export class Sandbox {
  busy = false;
  private frozen = false;
  private requestId = '';
  private readonly handler: Handler;

  constructor(
    private readonly site: SandboxSite,
    createHandler: HandlerFactory,
  ) {
    this.handler = createHandler(this.world());
  }

  get isFrozen(): boolean {
    return this.frozen || !this.site.isPowered();
  }

  freeze(): void {
    this.frozen = true;
  }

  /** Answers with what the handler returned, as JSON text; throws what it threw. Never settles once frozen. */
  async run(payload: string, requestId: string, deadline: Instant): Promise<string> {
    this.requestId = requestId;
    const context: HandlerContext = {
      awsRequestId: requestId,
      getRemainingTimeInMillis: () => Math.max(0, deadline - this.site.clock.now()),
    };
    const answer = await this.whileAlive(this.handler(JSON.parse(payload), context));
    return JSON.stringify(answer) ?? 'null';
  }

  private world(): FunctionWorld {
    const { clock, env } = this.site;
    return {
      now: () => clock.now() + this.site.skewMs(),
      sleep: (ms) => this.whileAlive(clock.sleep(ms, 'function sleep')),
      connect: (target, timeoutMs) => this.whileAlive(this.connect(target, timeoutMs)),
      log: (line) => {
        if (!this.isFrozen) this.site.log(line);
      },
      env,
      aws: this.clients(),
      awsIn: (region, as) => this.clients({ region, as }),
    };
  }

  private async connect(target: ConnectAttempt, timeoutMs: number): Promise<ConnectResult> {
    if (this.site.reallyConnect !== undefined) return this.site.reallyConnect(target, timeoutMs);
    const result = this.site.connect(target);
    const silent = !result.answered && !result.refused;
    const takesMs = result.rttMs * (target.protocol === 'http' && result.answered ? httpRoundTrips : 1);
    const tooLate = silent || takesMs > timeoutMs;
    await this.site.clock.sleep(tooLate ? timeoutMs : takesMs, 'connect');
    return tooLate ? { answered: false, refused: false, rttMs: timeoutMs } : result;
  }

  private clients(where: Where = {}): FunctionClients {
    const client = (service: string): { send(command: Command, options?: SendOptions): Promise<unknown> } => ({
      send: (command, { requestTimeout } = {}) => this.send(service, command, where, requestTimeout),
    });
    return {
      cloudwatch: client('cloudwatch'),
      dynamodb: client('dynamodb'),
      ec2: client('ec2'),
      s3: client('s3'),
      sfn: client('stepfunctions'),
      sns: client('sns'),
      ssm: client('ssm'),
      sts: client('sts'),
    } as unknown as FunctionClients;
  }

  private async send(
    service: string,
    command: Command,
    { region, as }: Where,
    patienceMs: number = this.site.patience.requestMs,
  ): Promise<unknown> {
    const { clock, callAws } = this.site;
    const accessKeyId = (await as?.())?.accessKeyId;
    const by = {
      invocation: this.requestId,
      ...(region !== undefined && { region }),
      ...(accessKeyId !== undefined && { accessKeyId }),
    };
    const call = callAws(service, command.schema[2], command.input, by).catch((error: unknown) => {
      if (error instanceof AwsError) throw error;
      // A hole in the local cloud or a malformed call: it must stop the run, not look like an answer.
      clock.after(0, 'simulation fault', () => {
        throw error;
      });
      return never;
    });
    const output = (await this.whileAlive(this.inTime(call, patienceMs))) as object | undefined;
    return { ...output, $metadata: { httpStatusCode: 200, attempts: 1 } };
  }

  /** The client's own patience: a slow answer is no answer. What was sent may land all the same. */
  private inTime<T>(call: Promise<T>, patienceMs: number): Promise<T> {
    const { clock } = this.site;
    return new Promise((resolve, reject) => {
      const timer = clock.after(patienceMs, 'client timeout', () => reject(unanswered(this.site.patience)));
      const settled = (): void => clock.cancel(timer);
      call.finally(settled).then(resolve, reject);
    });
  }

  private async whileAlive<T>(work: Promise<T> | T): Promise<T> {
    try {
      const value = await work;
      return this.isFrozen ? await never : value;
    } catch (error) {
      if (this.isFrozen) return never;
      throw error;
    }
  }
}
