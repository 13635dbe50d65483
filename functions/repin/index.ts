/**
 * The repin function: points the routes that pin a gateway's canaries at another interface of the gateway. The last rung
 * calls it (runbooks/replace.yaml), towards the instance it launched and, if that fails, back. A document cannot do it:
 * Automation has no way to go through a list of routes whose tables and destinations differ.
 *
 * Who calls names the gateway and an interface; which routes those are, only the bundled configuration says.
 *
 * Law: whatever AWS says is answered, not thrown, and `moved` means all of them. The document reads the answer, since
 * nothing says that Automation takes a function's error for a step's failure.
 */
import { EC2Client } from '@aws-sdk/client-ec2';
import type { WriteAnswer } from '../../adapters/ec2/route-port';
import { routes } from '../../adapters/ec2/routes';
import { canaryRoutes, type PinningRoute } from '../../core/routes/pinning-routes';
import type { Deployment, InstanceGateway } from '../../core/words/domain';
import { instanceNamed } from '../../core/words/gateways';
import { malformed, shown } from '../../core/words/malformed';
import { limits } from '../../core/words/policy';
import { isRecord, isText } from '../../core/words/shape';
import { secondMs } from '../../core/words/time';
import { logLine } from '../log';
import { onRealWorld } from '../real-world';
import type { World } from '../world';

export interface RepinRequest {
  readonly gateway: InstanceGateway;
  readonly interfaceId: string;
}

export interface RepinAnswer {
  readonly moved: boolean;
  /** How many there are, or what stands in the way. */
  readonly because: string;
}

/** EC2's bucket holds about 50 writes, and others write too. */
const routesPerWave = 25;
const backoffFirstMs = 250;
const backoffMaxMs = 2 * secondMs;
const interfacePattern = /^eni-([0-9a-f]{8}|[0-9a-f]{17})$/;

export function createHandler(world: World, deployment: Deployment): (event: unknown) => Promise<RepinAnswer> {
  const { write } = routes(world.aws.ec2, world);
  return async (event) => {
    const { gateway, interfaceId } = parseRepinRequest(event, deployment);
    const pinning = canaryRoutes(gateway.name, deployment);
    const until = world.now() + limits.repinMs;
    const failures: string[] = [];
    for (let i = 0; i < pinning.length; i += routesPerWave) {
      const wave = pinning.slice(i, i + routesPerWave);
      const answers = await Promise.all(wave.map((route) => point(world, write, route, interfaceId, until)));
      failures.push(
        ...answers.flatMap(({ result, detail }) => (result === 'accepted' ? [] : [`${result}: ${detail}`])),
      );
    }
    const moved = failures.length === 0;
    const because = moved ? `${pinning.length} routes lead to ${interfaceId}` : failures.join('; ');
    logLine(world, { level: moved ? 'info' : 'warn', what: 'repin', because, gateway: gateway.name });
    return { moved, because };
  };
}

/** Until EC2 accepts it, refuses it, or the time is over: a write that is repeated is the same write. */
async function point(
  world: World,
  write: (step: Parameters<ReturnType<typeof routes>['write']>[0]) => Promise<WriteAnswer>,
  { table, destination }: PinningRoute,
  interfaceId: string,
  until: number,
): Promise<WriteAnswer> {
  const to = { kind: 'network-interface', id: interfaceId } as const;
  for (let waitMs = backoffFirstMs; ; waitMs = Math.min(2 * waitMs, backoffMaxMs)) {
    const answer = await write({ routeSet: '', table, destination, kind: 'replace', expected: null, to });
    const mayHelp = answer.result === 'throttled' || answer.result === 'silent';
    if (!mayHelp || world.now() + waitMs >= until) return answer;
    await world.sleep(waitMs);
  }
}

export function parseRepinRequest(event: unknown, deployment: Deployment): RepinRequest {
  const raw = isRecord(event) ? event : {};
  const { gateway: name, interfaceId } = raw;
  const gateway = isText(name) ? instanceNamed(deployment, name) : undefined;
  const problems: string[] = [];
  if (gateway?.launchTemplate === undefined)
    problems.push(`gateway is ${shown(name)}: must be one that may be replaced`);
  if (!isText(interfaceId) || !interfacePattern.test(interfaceId))
    problems.push(`interfaceId is ${shown(interfaceId)}: must be the id of a network interface`);
  if (gateway === undefined || !isText(interfaceId) || problems.length > 0) throw malformed('repin request', problems);
  return { gateway, interfaceId };
}

export const handler = onRealWorld(createHandler, (options) => ({ ec2: new EC2Client(options) }));
