/**
 * Every repair document is started with a token that nobody was given: it must fail at its claim, by the table's own word,
 * and do nothing else. That proves documents, the right to start them, the repair role's trust, and the table.
 *
 *     GetDocument: is the claim first? -- no --> FAIL, and it is not started
 *          | yes
 *     StartAutomationExecution, Repair = a token never given out
 *          |
 *     claimGateway: ConditionalCheckFailed, and no second step
 */

import { randomUUID } from 'node:crypto';
import {
  type AutomationExecution,
  GetAutomationExecutionCommand,
  GetDocumentCommand,
  StartAutomationExecutionCommand,
} from '@aws-sdk/client-ssm';
import { attempt } from '../../../adapters/attempt';
import type { Facts } from '../../../core/gateways/kind';
import { rungSpecs } from '../../../core/gateways/kinds';
import { watchesPath } from '../../../core/words/canaries';
import type { Connection, Deployment, Gateway, Path } from '../../../core/words/domain';
import type { Rung } from '../../../core/words/rungs';
import { parsed } from '../../../core/words/shape';
import { lookAt } from '../../operate/look';
import { leasesOf } from '../../operate/standing-orders';
import { counted, type Diagnosis, fail, orWell, unknown, well } from '../diagnosis';
import { claimFault, claimStep } from './claim-first';
import { type SmokeGround, type SmokeStep, without } from './step';

export const documents: SmokeStep = {
  name: 'documents',
  title: 'repair documents start, claim first, and are refused without a token',
  async run(ground) {
    const { deployment } = ground;
    const findings: Diagnosis[] = [];
    for (const [rung, name] of Object.entries(deployment.runbooks) as [Rung, string][]) {
      const place = placeFor(deployment, rung);
      if (place !== null) findings.push(await tried(ground, rung, name, place));
    }
    const refused = findings.filter(({ level }) => level === 'ok').length;
    const others = findings.filter(({ level }) => level !== 'ok');
    return without(orWell(others, `${counted(refused, 'document')} refused at the claim`));
  },
};

interface Place {
  readonly connection: Connection;
  readonly path: string;
  readonly gateway: Gateway;
}

/** Somewhere the rung could be used; null: nowhere in this deployment. */
function placeFor(deployment: Deployment, rung: Rung): Place | null {
  const fits = (gateway: Gateway, { tunnels, neighbor }: Path): boolean => {
    if (rung === 'replace-tunnel') return gateway.kind === 'vpn';
    if (gateway.kind !== 'instance') return false;
    if (rungSpecs[rung].isOrder) return gateway.speaker !== undefined && neighbor !== undefined;
    if (rung === 'replace') return gateway.launchTemplate !== undefined;
    return rung !== 'restart-tunnel' || (gateway.control === 'ssm' && tunnels.length > 0);
  };
  for (const connection of Object.values(deployment.connections))
    for (const path of Object.values(connection.paths)) {
      const gateway = deployment.gateways[path.gateway]!;
      if (fits(gateway, path)) return { connection, path: path.name, gateway };
    }
  return null;
}

async function tried(ground: SmokeGround, rung: Rung, name: string, place: Place): Promise<Diagnosis> {
  const { aws } = ground.session.world;
  const { Content = '' } = await attempt(ground.session.world, { operation: 'GetDocument', on: name }, () =>
    aws.ssm.send(new GetDocumentCommand({ Name: name, DocumentFormat: 'JSON' })),
  );
  const fault = claimFault(parsed(Content));
  if (fault !== null)
    return fail({
      about: name,
      found: `${fault}; it was not started`,
      why: 'a repair that begins without its claim may touch a gateway that another repair works on',
      mend: 'deploy again: somebody has changed the document by hand, or it is another version',
    });
  return refusalOf(name, await ended(ground, await started(ground, rung, name, place)));
}

async function started(
  ground: SmokeGround,
  rung: Rung,
  name: string,
  { connection, path, gateway }: Place,
): Promise<string> {
  const { session, deployment } = ground;
  const { world } = session;
  const lease = (await leasesOf(session)).find(([one]) => one === connection.name)?.[1];
  if (lease == null) throw new Error(`${connection.name} has not been looked at yet`);
  const { evidence } = await lookAt(session, connection, lease);
  const facts: Facts = { deployment, connection, evidence, memory: lease.memory, now: world.now() };
  const tunnel = gateway.kind === 'vpn' ? (gateway.tunnels[0] ?? null) : null;
  const canary = connection.canaries.find(watchesPath(path))!.id;
  const start = { clientToken: randomUUID(), beside: false, canary, tunnel, purpose: 'repair' } as const;
  const parameters = rungSpecs[rung].parameters(facts, path, start);
  const command = new StartAutomationExecutionCommand({
    DocumentName: name,
    Parameters: Object.fromEntries(Object.entries(parameters).map(([key, values]) => [key, [...values]])),
  });
  const tried = { operation: 'StartAutomationExecution', on: name };
  const { AutomationExecutionId = '' } = await attempt(world, tried, () => world.aws.ssm.send(command));
  return AutomationExecutionId;
}

/** Null: it had not ended within the time there was. */
async function ended({ session: { world }, timeoutMs }: SmokeGround, id: string): Promise<AutomationExecution | null> {
  const endsAt = world.now() + timeoutMs;
  while (world.now() < endsAt) {
    const { AutomationExecution: execution } = await attempt(
      world,
      { operation: 'GetAutomationExecution', on: id },
      () => world.aws.ssm.send(new GetAutomationExecutionCommand({ AutomationExecutionId: id })),
    );
    if (execution?.ExecutionEndTime !== undefined) return execution;
    await world.sleep(1_000);
  }
  return null;
}

function refusalOf(name: string, execution: AutomationExecution | null): Diagnosis {
  if (execution === null) return unknown(name, 'it had not ended in time', 'ask again with a longer --timeout');
  const steps = execution.StepExecutions ?? [];
  const claim = steps.find(({ StepName }) => StepName === claimStep);
  const others = steps.filter(
    ({ StepName, ExecutionStartTime }) => StepName !== claimStep && ExecutionStartTime !== undefined,
  );
  const said = claim?.FailureMessage ?? execution.FailureMessage ?? '';
  if (others.length > 0 || claim?.StepStatus === 'Success')
    return fail({
      about: name,
      found: `it went on beyond its claim: ${others.map(({ StepName }) => StepName).join(', ') || 'the claim held'}`,
      why: 'a repair that nobody asked for may touch a gateway',
      mend: 'switchback pause --all --for 1h --reason "a document without its claim", then deploy again',
    });
  if (/ConditionalCheckFailed/.test(said)) return well(`${name}: refused at its claim`);
  return fail({
    about: name,
    found: `its claim failed, but not for its token: ${said.slice(0, 200) || 'no reason is given'}`,
    why: 'the first repair fails in the incident in which it is needed: the role, its trust or the table is not as it should be',
    mend: `aws ssm get-automation-execution --automation-execution-id ${execution.AutomationExecutionId}`,
  });
}
