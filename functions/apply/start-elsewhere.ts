/**
 * Starts a repair at an end in another region or account: Step Functions' own calls reach no other region. The gateway is
 * taken and the start journalled by then, as for every repair; its document claims the gateway before it touches
 * anything (functions/claim), so a start that comes late does nothing.
 *
 * Law: only documents that stand at the gateway's own end are started, by that end's keys.
 */
import { type Start, startAutomation } from '../../adapters/ssm/start-automation';
import type { Deployment } from '../../core/words/domain';
import { documentAt, reachOf } from '../../core/words/end-names';
import { endOf } from '../../core/words/ends';
import { malformed, shown } from '../../core/words/malformed';
import type { Rung } from '../../core/words/rungs';
import { isRecord, isText, listOf, own } from '../../core/words/shape';
import { awsAt } from '../ends';
import { logLine } from '../log';
import type { World } from '../world';

interface StartRequest extends Start {
  readonly gateway: string;
}

/** As the state `RepairElsewhere` writes it. */
export const isStartRequest = (event: unknown): event is { readonly start: unknown } =>
  isRecord(event) && event['start'] !== undefined;

export async function startElsewhere(
  world: World,
  deployment: Deployment,
  event: { readonly start: unknown },
): Promise<{ readonly automationId: string }> {
  const { gateway, document, clientToken, parameters } = parseStart(event.start, deployment);
  const reach = reachOf(deployment, endOf(deployment, deployment.gateways[gateway]));
  const start = { document, clientToken, parameters: { ...parameters, ClaimTable: [world.env['STATE_TABLE']!] } };
  const automationId = await startAutomation(awsAt(world, reach).ssm, world, start);
  const because = `${document} at ${reach!.name}`;
  logLine(world, { level: 'info', what: 'apply: repair started', because, gateway, automation: automationId });
  return { automationId };
}

function parseStart(start: unknown, deployment: Deployment): StartRequest {
  const { gateway, document, parameters, clientToken } = isRecord(start) ? start : {};
  const known = isText(gateway) ? own(deployment.gateways, gateway) : undefined;
  const end = endOf(deployment, known);
  const isAway = reachOf(deployment, end) !== undefined;
  const documents = (Object.keys(deployment.runbooks) as Rung[]).map((rung) => documentAt(deployment, rung, end));
  const lists = isRecord(parameters) ? Object.values(parameters) : [null];
  const problems = [
    ...(isAway ? [] : [`gateway is ${shown(gateway)}: must be one that stands in another region or account`]),
    ...(isText(document) && documents.includes(document)
      ? []
      : [`document is ${shown(document)}: must be one of ${documents.join(', ')}`]),
    ...(isText(clientToken) ? [] : [`clientToken is ${shown(clientToken)}: must be a text`]),
    ...(lists.every(listOf(isText)) ? [] : [`parameters is ${shown(parameters)}: every value must be a list of texts`]),
  ];
  if (problems.length > 0) throw malformed('start request', problems);
  return { gateway, document, parameters, clientToken } as StartRequest;
}
