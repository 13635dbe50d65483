/**
 * The world as Lambda gives it: the real clock, real sockets, stdout, and the clients a function asks for. Built on the
 * first invocation, so that a bundle can be imported where there is no AWS and no `switchback.json`.
 *
 * The clients give up early (1 s to connect, 2 s to answer) and do not retry by themselves: the adapters do, on the
 * world's clock and on throttles only. A dead DynamoDB is noticed in 2 s, not in a minute.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RoleKeys } from '../adapters/sts/assume-role';
import type { Deployment } from '../core/words/domain';
import { attemptOnce } from './canary/sockets';
import { type AwsClients, clientPatience, type InvocationContext, type World } from './world';

/** What every client is built with. `throwOnRequestTimeout`: without it the SDK only warns, and waits on. */
const clientOptions = {
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: clientPatience.connectionMs,
    requestTimeout: clientPatience.requestMs,
    throwOnRequestTimeout: true,
  },
};

/** `region`, `credentials`: absent, the function's own. */
type ClientOptions = typeof clientOptions & {
  readonly region?: string;
  readonly credentials?: () => Promise<RoleKeys>;
};
type Clients = (options: ClientOptions) => Partial<AwsClients>;
type Create<Answer> = (
  world: World,
  deployment: Deployment,
) => (event: unknown, context: InvocationContext) => Promise<Answer>;

/** Lambda's entry point for `create`, with only the clients it uses: the others would double its bundle. */
export function onRealWorld<Answer>(create: Create<Answer>, clients: Clients): ReturnType<Create<Answer>> {
  let handler: ReturnType<Create<Answer>> | undefined;
  return (event, context) => {
    handler ??= create(realWorld(clients), readDeployment());
    return handler(event, context);
  };
}

function realWorld(clients: Clients): World {
  const elsewhere = new Map<string, AwsClients>();
  return {
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    connect: attemptOnce,
    log: (line) => console.log(line),
    env: process.env,
    aws: granted(clients(clientOptions)),
    awsIn: (region, as) => {
      if (as !== undefined) return granted(clients({ ...clientOptions, region, credentials: as }));
      const known = elsewhere.get(region) ?? granted(clients({ ...clientOptions, region }));
      elsewhere.set(region, known);
      return known;
    },
  };
}

/** A client that a function did not ask for is a mistake in the function: say so by name. */
function granted(clients: Partial<AwsClients>): AwsClients {
  return new Proxy(clients, {
    get(target, name) {
      const client = Reflect.get(target, name) as unknown;
      if (client === undefined) throw new Error(`this function was built without the client ${String(name)}`);
      return client;
    },
  }) as AwsClients;
}

/** `switchback.json` lies beside the bundle. */
function readDeployment(): Deployment {
  const file = join(process.env['LAMBDA_TASK_ROOT'] ?? '.', 'switchback.json');
  return JSON.parse(readFileSync(file, 'utf8')) as Deployment;
}
