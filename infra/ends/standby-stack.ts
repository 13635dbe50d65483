/**
 * The standby deployment in the same app: a whole one, in the region and account of the other end, and what it has at the
 * first's. Nothing of it waits for a stack of the first, or asks one for a name.
 */
import type { App } from 'aws-cdk-lib';
import type { Deployment } from '../../core/words/domain';
import { endStackName } from '../../core/words/end-names';
import { SwitchbackStack } from '../stack';
import { addEnds, type EndStackProps } from './end-stack';

type More = Omit<EndStackProps, 'deployment' | 'end'>;

/** `more`: of the stack with this name. */
export function addStandby(app: App, standby: Deployment, more: (stackName: string) => More = () => ({})): void {
  const { account, name, region } = standby;
  const env = { region, ...(account !== undefined && { account }) };
  const stack = new SwitchbackStack(app, name, { ...more(name), deployment: standby, env });
  addEnds(app, stack, standby, (end) => more(endStackName(standby, end)));
}
