/**
 * What stands at an end in another region or account: its canaries, the table they report to, `sense`, which wakes the
 * machine where the deployment is, and the repairs of its gateways. In another account also the role by which the deployment's functions act there.
 *
 * Law: nothing here decides, and nothing here waits for another stack: names follow from the configuration (end-names.ts).
 * What is lost on the way (a start, a report that changed) is found within a minute: the next start, or the sweep.
 */
import { type App, Stack, type StackProps } from 'aws-cdk-lib';
import { packagePath } from '../../config/package-files';
import type { Deployment } from '../../core/words/domain';
import type { End } from '../../core/words/end';
import { brainPath, endRoleName, endStackName, endsElsewhere, reportsTableAt } from '../../core/words/end-names';
import { Canaries } from '../canaries';
import { holdToQuotas } from '../fit';
import { FunctionAssets } from '../function-assets';
import { boundRoles } from '../granting/boundary';
import { role } from '../granting/grants';
import { placeRoles } from '../granting/role-path';
import { reportsTable } from '../tables';
import { endRights, trusted } from './end-grants';
import { EndRepairs } from './end-repairs';
import { EndSense } from './end-sense';
import { standingAt } from './standing';

export interface EndStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly end: End;
  /**
   * Where the bundles are, one folder per function.
   * @default - those of the package
   */
  readonly functionsDirectory?: string;
}

export class EndStack extends Stack {
  constructor(scope: App, { deployment, end, functionsDirectory, ...props }: EndStackProps) {
    const { account, region } = end;
    super(scope, endStackName(deployment, end), {
      suppressTemplateIndentation: true,
      ...props,
      env: { ...props.env, region, ...(account !== undefined && { account }) },
    });
    furnish(this, { deployment, end, functionsDirectory });
    holdToQuotas(this, deployment, (stack, some) => furnish(stack, { deployment: some, end, functionsDirectory }));
  }
}

function furnish(
  stack: Stack,
  { deployment, end, functionsDirectory }: Pick<EndStackProps, 'deployment' | 'end' | 'functionsDirectory'>,
): void {
  boundRoles(stack, deployment);
  placeRoles(stack, deployment);
  const assets = new FunctionAssets(functionsDirectory ?? packagePath('dist/functions'), deployment);
  const reports = reportsTable(stack, { tableName: reportsTableAt(deployment, end) });
  new Canaries(stack, 'Canaries', { deployment: standingAt(deployment, end), assets, reports });
  new EndSense(stack, 'Sense', { deployment, end, assets, reports });
  new EndRepairs(stack, 'Repairs', { deployment, end, assets, reports });
  if (end.account !== undefined) letTheBrainIn(stack, deployment, end);
  assets.discard();
}

/** Trusts the functions that decide and write, and none of the canaries, which stand among strangers. */
function letTheBrainIn(stack: Stack, deployment: Deployment, end: End): void {
  role(
    stack,
    'EndRole',
    trusted(deployment.account!, brainPath(deployment), end.externalId),
    endRights(stack, deployment, end),
    `What the functions of Switchback ${deployment.name} in ${deployment.region} may do at ${end.name}.`,
    { roleName: end.role ?? endRoleName(deployment, end) },
  );
}

/** For each end elsewhere, before `main`: whoever deploys all finds each end's role and table there when the brain comes. */
export function addEnds(
  app: App,
  main: Stack,
  deployment: Deployment,
  more: (end: End) => Omit<EndStackProps, 'deployment' | 'end'> = () => ({}),
): EndStack[] {
  return endsElsewhere(deployment).map((end) => {
    const stack = new EndStack(app, { ...more(end), deployment, end });
    main.addStackDependency(stack, 'its table and role are used as soon as the functions run');
    return stack;
  });
}
