/**
 * `sense` of an end elsewhere: hears its canaries' changed reports and its instances' states, and starts the machine where
 * the deployment is. In another account by a role that can do nothing else.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Deployment } from '../../core/words/domain';
import type { End } from '../../core/words/end';
import { endsElsewhere, sensePath, wakerReach, wakerRoleName } from '../../core/words/end-names';
import { isStandby } from '../../core/words/standby';
import type { FunctionAssets } from '../function-assets';
import { allow, role } from '../granting/grants';
import { keepWarm, minuteOnly } from '../keep-warm';
import { machineArn } from '../machine';
import { followReports, readStream } from '../reports-stream';
import { SwitchbackFunction } from '../switchback-function';
import { trusted } from './end-grants';

export interface EndSenseProps {
  readonly deployment: Deployment;
  readonly end: End;
  readonly assets: FunctionAssets;
  readonly reports: dynamodb.Table;
}

export class EndSense extends Construct {
  constructor(scope: Construct, id: string, { deployment, end, assets, reports }: EndSenseProps) {
    super(scope, id);
    const { account } = end;
    const brain = account === undefined ? {} : { account: deployment.account! };
    const { role: waker } = wakerReach(deployment, end);
    const machine = machineArn(this, deployment, { region: deployment.region, ...brain });
    const { function: sense } = new SwitchbackFunction(this, 'Function', {
      name: 'sense',
      assets,
      description: `Wakes Switchback ${deployment.name} in ${deployment.region} when something changes at ${end.name}.`,
      timeoutSeconds: 10,
      memoryMb: 256,
      environment: { END: end.name, STATE_MACHINE_ARN: machine },
      statements: [
        waker === undefined ? allow(['states:StartExecution'], [machine]) : allow(['sts:AssumeRole'], [waker]),
        ...readStream(reports),
      ],
      rolePath: sensePath(deployment),
    });
    const enabled = !isStandby(deployment);
    followReports(this, { sense, reports, enabled });
    // The next report, or the sweep, does all that a retry could.
    sense.configureAsyncInvoke(minuteOnly);
    new events.Rule(this, 'InstanceState', {
      enabled,
      description: 'An instance changed state: sense whether it is one of ours.',
      eventPattern: { source: ['aws.ec2'], detailType: ['EC2 Instance State-change Notification'] },
      targets: [new targets.LambdaFunction(sense, { maxEventAge: Duration.seconds(300) })],
    });
    keepWarm(this, 'No signal of this end waits for a cold start: functions/keep-warm.ts.', [sense], minuteOnly);
  }
}

/** In the deployment's own stack: for each end in another account, what its `sense` takes on. */
export function addWakers(scope: Construct, deployment: Deployment, machine: string): iam.Role[] {
  return endsElsewhere(deployment).flatMap((end) => {
    const { account, externalId, name } = end;
    if (account === undefined) return [];
    const may = [allow(['states:StartExecution'], [machine])];
    const description = `Lets sense of ${name} in account ${account} start the failover state machine of ${Stack.of(scope).stackName}.`;
    const roleName = wakerRoleName(deployment, end);
    return role(scope, `Waker-${name}`, trusted(account, sensePath(deployment), externalId), may, description, {
      roleName,
    });
  });
}
