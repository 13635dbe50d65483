/**
 * A gateway and the repair ladder's own files, as they are deployed: each test climbs one rung and looks at what stands
 * afterwards. Every call of a document is noted; any step can be made to fail.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GetAutomationExecutionCommandOutput } from '@aws-sdk/client-ssm';
import { parse } from 'yaml';
import { withCanaryRouteSteps } from '../../../infra/canary-route-steps';
import { Faults } from '../../../sim/cloud/faults';
import type { DocumentContent, SsmDocument } from '../../../sim/cloud/ssm/documents';
import { SsmFake } from '../../../sim/cloud/ssm/ssm';
import { idA, minute, pairDeployment, type Stage, stage } from './world-fixture';

const directory = join(__dirname, '../../../runbooks');

/** The file with its two names filled in and its repeated steps written out, as the stack does it. */
export function runbook(file: string): DocumentContent {
  const text = readFileSync(join(directory, `${file}.yaml`), 'utf8')
    .replaceAll(/\$\{RepairRole\}/g, 'RepairRole')
    .replaceAll(/\$\{TunnelDocument\}/g, 'pair-tunnel');
  const content = parse(text);
  return { ...content, mainSteps: withCanaryRouteSteps(content.mainSteps, pairDeployment()) };
}

const documents: Record<string, SsmDocument> = {
  'pair-tunnel': { type: 'Command', content: runbook('tunnel') },
  ...Object.fromEntries(
    ['restart-tunnel', 'reboot', 'stop-start', 'replace'].map((rung) => [
      `pair-${rung}`,
      { type: 'Automation' as const, content: runbook(rung) },
    ]),
  ),
};

type Done = NonNullable<GetAutomationExecutionCommandOutput['AutomationExecution']>;

export interface Ladder extends Stage {
  readonly calls: string[];
  readonly faults: Faults;
  /** What the path's canary reports; null: the truth. */
  verdict: 'healthy' | 'down' | null;
  climb(rung: string, parameters?: Record<string, string[]>, ms?: number): Promise<Done>;
}

export function ladder(options: Parameters<typeof stage>[0] = {}): Ladder {
  const it = stage(options);
  const calls: string[] = [];
  const faults = new Faults();
  const self: Ladder = { ...it, calls, faults, verdict: null, climb };
  const ssm: SsmFake = new SsmFake(it.world, {
    seed: options.seed ?? 1,
    documents,
    failureOf: (step) => faults.takeStepFailure(step),
    callAs: async (role, service, operation, input) => {
      expect(role).toBe('RepairRole');
      calls.push(operation);
      if (service === 'dynamodb')
        return { Item: { verdict: { S: self.verdict ?? (it.probe('path-a') ? 'healthy' : 'down') } } };
      return (service === 'ssm' ? ssm : it.ec2).call(operation, input);
    },
  });
  async function climb(rung: string, parameters: Record<string, string[]> = {}, ms = 15 * minute): Promise<Done> {
    const Parameters = { InstanceId: [idA], ...parameters };
    const started = await ssm.call('StartAutomationExecution', { DocumentName: `pair-${rung}`, Parameters });
    await it.run(ms);
    const answer = await ssm.call('GetAutomationExecution', started);
    return (answer as GetAutomationExecutionCommandOutput).AutomationExecution!;
  }
  return self;
}

export const served = ({ world }: Stage): boolean => world.usersServed('paris', 'zone-a');
