/**
 * The claim function stands at an end in another region or account. A repair's document asks it first: is the gateway still
 * taken for this repair? Systems Manager's own calls do not leave their region, and the one table that decides stands
 * where the deployment is.
 *
 * Law: whatever goes wrong is answered `claimed: false`, not thrown: nothing says that Automation takes a function's error
 * for a step's failure, and who has not claimed must not touch the machine.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { STSClient } from '@aws-sdk/client-sts';
import { claimGateway, type RepairClaim } from '../../adapters/dynamodb/repair-claim';
import { isFault } from '../../adapters/errors';
import type { Deployment } from '../../core/words/domain';
import { endNamed } from '../../core/words/ends';
import { instancesOf } from '../../core/words/gateways';
import { malformed, shown } from '../../core/words/malformed';
import { isRecord, isText, own } from '../../core/words/shape';
import { awsAt } from '../ends';
import { logLine } from '../log';
import { onRealWorld } from '../real-world';
import type { World } from '../world';

export interface ClaimAnswer {
  readonly claimed: boolean;
  readonly because: string;
}

export function createHandler(world: World, deployment: Deployment): (event: unknown) => Promise<ClaimAnswer> {
  const { END: end, CLAIM_ROLE: role } = world.env;
  const { name, region } = deployment;
  const externalId = endNamed(deployment, end)?.externalId;
  const aws = awsAt(world, {
    name,
    region,
    ...(role !== undefined && { role }),
    ...(externalId !== undefined && { externalId }),
  });
  return async (event) => {
    const claim = parseClaim(event, deployment, end);
    const answer = await answerOf(() => claimGateway(aws.dynamodb, world, claim));
    const { gateway, execution, repair } = claim;
    const level = answer.claimed ? 'info' : 'warn';
    logLine(world, { level, what: 'claim', because: answer.because, gateway, execution, repair });
    return answer;
  };
}

async function answerOf(claim: () => Promise<boolean>): Promise<ClaimAnswer> {
  try {
    const claimed = await claim();
    return { claimed, because: claimed ? 'it is taken for this repair' : 'it is not taken for this repair any more' };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { claimed: false, because: `${error.name}: ${error.message}` };
  }
}

function parseClaim(event: unknown, deployment: Deployment, end: string | undefined): RepairClaim {
  const { table, gateway, repair, execution } = isRecord(event) ? event : {};
  const known = isText(gateway) ? own(instancesOf(deployment), gateway) : undefined;
  const problems = [
    ...(known === undefined || known.end !== end ? [`gateway is ${shown(gateway)}: must be one of this end`] : []),
    ...Object.entries({ table, repair, execution }).flatMap(([field, value]) =>
      isText(value) && value !== '' ? [] : [`${field} is ${shown(value)}: must be a text`],
    ),
  ];
  if (problems.length > 0) throw malformed('claim', problems);
  return { table, gateway, repair, execution } as RepairClaim;
}

export const handler = onRealWorld(createHandler, (options) => ({
  dynamodb: new DynamoDBClient(options),
  sts: new STSClient(options),
}));
