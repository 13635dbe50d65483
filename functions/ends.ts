/**
 * AWS clients for where a thing stands: here, in another region, or in another account whose role we take on for it.
 *
 * Law: who has no role there has no rights there. A role that is refused refuses every call at its end, and at no other.
 */
import { assumeRole, type RoleKeys, roleLifetimeMs } from '../adapters/sts/assume-role';
import type { Deployment } from '../core/words/domain';
import { endsElsewhere, type Reach, reachOf } from '../core/words/end-names';
import { type Lender, lenderOf } from './borrowed-keys';
import { logLine } from './log';
import type { AwsClients, World } from './world';

interface Borrowed {
  readonly clients: AwsClients;
  readonly lender: Lender<RoleKeys>;
}

/** By the world's own clients: a sandbox has one set, and keeps what it has borrowed as long as it lives. */
const borrowed = new WeakMap<AwsClients, Map<string, Borrowed>>();

/** `end` absent: here. */
export function awsAt(world: World, end: Reach | undefined): AwsClients {
  if (end === undefined) return world.aws;
  if (end.role !== undefined) return borrowedFor(world, end, end.role).clients;
  return end.region === world.env['AWS_REGION'] ? world.aws : world.awsIn(end.region);
}

/** Of all ends elsewhere. */
export const freshenEnds = (world: World, deployment: Deployment): Promise<void> =>
  freshenRoles(
    world,
    endsElsewhere(deployment).flatMap((end) => reachOf(deployment, end) ?? []),
  );

/** For the minute's warm-up: no rescue waits for STS. What fails is said; the old keys are good for a while yet. */
export async function freshenRoles(world: World, ends: readonly Reach[]): Promise<void> {
  await Promise.all(
    ends.map(async (end) => {
      if (end.role === undefined) return;
      try {
        await borrowedFor(world, end, end.role).lender.freshen();
      } catch (error) {
        const because = error instanceof Error ? error.message : String(error);
        logLine(world, { level: 'warn', what: 'ends: role not renewed', because, end: end.name });
      }
    }),
  );
}

function borrowedFor(world: World, { region, externalId }: Reach, role: string): Borrowed {
  const all = borrowed.get(world.aws) ?? new Map<string, Borrowed>();
  borrowed.set(world.aws, all);
  const key = `${region} ${role}`;
  const known = all.get(key);
  if (known !== undefined) return known;
  const session = world.env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'switchback';
  // STS of the end's own region: another one's trouble must not reach there.
  const lender = lenderOf(world, roleLifetimeMs, () =>
    assumeRole(world.awsIn(region).sts, { role, externalId, session }, world),
  );
  const made = { clients: world.awsIn(region, () => lender.keys()), lender };
  all.set(key, made);
  return made;
}
