/** The function that moves canaries' pinning routes when a gateway is replaced; only the last rung may call it. */
import { Construct } from 'constructs';
import type { Deployment } from '../core/words/domain';
import { limits } from '../core/words/policy';
import { secondMs } from '../core/words/time';
import type { FunctionAssets } from './function-assets';
import { canaryTableIds, ec2Arns } from './granting/arns';
import { allow } from './granting/grants';
import { SwitchbackFunction } from './switchback-function';

export class Repin extends Construct {
  readonly functionArn: string;

  constructor(scope: Construct, id: string, { deployment, assets }: RepinProps) {
    super(scope, id);
    const tables = ec2Arns(this, 'route-table', canaryTableIds(deployment));
    const { function: repin } = new SwitchbackFunction(this, 'Function', {
      name: 'repin',
      assets,
      description: 'Points the canaries of a gateway that is replaced at its new instance, and back.',
      timeoutSeconds: limits.repinMs / secondMs + 6, // So that there is an answer; the step that calls it waits longer.
      memoryMb: 256,
      environment: {},
      statements: tables.length === 0 ? [] : [allow(['ec2:ReplaceRoute'], tables)],
    });
    this.functionArn = repin.functionArn;
  }
}

export interface RepinProps {
  readonly deployment: Deployment;
  readonly assets: FunctionAssets;
}
