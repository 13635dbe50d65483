/**
 * Who may do what across accounts and regions. Each end's rights are made of what stands there alone (standing.ts), and a
 * role that another account takes on trusts that account's functions by path and by an id that only both know.
 */

import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Deployment } from '../../core/words/domain';
import type { End } from '../../core/words/end';
import { documentAt, endsElsewhere, reachOf, repairRoleName, reportsTableAt } from '../../core/words/end-names';
import { automationsArn, documentArn, roleArn } from '../granting/arns';
import { allow, allowWide, describeIsForAll, groundQuestions } from '../granting/grants';
import { routeWrites } from '../granting/route-grants';
import { publishedRungs } from '../runbooks';
import { standingAt } from './standing';

/** For the trust of a role: those roles of the account that lie under `path`, when they name the external id. */
export function trusted(account: string, path: string, externalId: string | undefined): iam.IPrincipal {
  return new iam.PrincipalWithConditions(new iam.AccountPrincipal(account), {
    ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${account}:role${path}*` },
    ...(externalId !== undefined && { StringEquals: { 'sts:ExternalId': externalId } }),
  });
}

const isOfOtherAccount = ({ account }: End): boolean => account !== undefined;

/** Of other accounts: to take on their role, which holds the rights. Of our own: to ask that region's reports and repairs. */
export function endReads(scope: Construct, deployment: Deployment): iam.PolicyStatement[] {
  const ends = endsElsewhere(deployment);
  const own = ends.filter((end) => !isOfOtherAccount(end));
  const tables = own.map((end) => reportsArn(scope, deployment, end));
  return [
    ...(tables.length === 0 ? [] : [allow(['dynamodb:BatchGetItem'], tables)]),
    ...[...new Set(own.map((end) => end.region))].map((region) => repairReads(scope, region)),
    ...mayAssume(deployment, ends.filter(isOfOtherAccount)),
  ];
}

/** Routes in other regions of our own account, table by table, and the repairs there; other accounts' by their role. */
export function endWrites(scope: Construct, deployment: Deployment): iam.PolicyStatement[] {
  const ends = endsElsewhere(deployment);
  return [
    ...ends
      .filter((end) => !isOfOtherAccount(end))
      .flatMap((end) => [
        ...routeWrites(scope, standingAt(deployment, end), end.region),
        ...repairStarts(scope, deployment, end, end.region),
      ]),
    ...mayAssume(deployment, ends.filter(isOfOtherAccount)),
  ];
}

function mayAssume(deployment: Deployment, ends: readonly End[]): iam.PolicyStatement[] {
  const roles = ends.flatMap((end) => reachOf(deployment, end)?.role ?? []);
  return roles.length === 0 ? [] : [allow(['sts:AssumeRole'], [...new Set(roles)])];
}

/** What the end's own role holds, in its own account: to look, to write the routes that are listed there, to start repairs. */
export function endRights(scope: Construct, deployment: Deployment, end: End): iam.PolicyStatement[] {
  return [
    allowWide(describeIsForAll, groundQuestions, ['*'], {
      StringEquals: { 'aws:RequestedRegion': end.region },
    }),
    allow(['dynamodb:BatchGetItem'], [reportsArn(scope, deployment, end)]),
    ...routeWrites(scope, standingAt(deployment, end)),
    ...repairStarts(scope, deployment, end),
    repairReads(scope),
  ];
}

function reportsArn(scope: Construct, deployment: Deployment, end: End): string {
  const { region, account } = end;
  const resourceName = reportsTableAt(deployment, end);
  const where = { region, ...(account !== undefined && { account }) };
  return Stack.of(scope).formatArn({ service: 'dynamodb', resource: 'table', resourceName, ...where });
}

/** To start a repair there, and to ask what became of it. `region`: absent, the stack's own. */
function repairStarts(scope: Construct, deployment: Deployment, end: End, region?: string): iam.PolicyStatement[] {
  const documents = publishedRungs(standingAt(deployment, end)).map((rung) => documentAt(deployment, rung, end));
  if (documents.length === 0) return [];
  const repairRole = roleArn(scope, deployment, repairRoleName(deployment, end));
  return [
    allowWide(
      'Executions of documents that stand at this end; Systems Manager gives out their ids.',
      ['ssm:StartAutomationExecution'],
      [...documents.map((name) => documentArn(scope, name, region)), automationsArn(scope, region)],
    ),
    allow(['iam:PassRole'], [repairRole], { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } }),
  ];
}

/** What became of one that was started there. */
const repairReads = (scope: Construct, region?: string): iam.PolicyStatement =>
  allowWide(
    'Systems Manager gives out the ids of automations; the code asks for those in its own items.',
    ['ssm:GetAutomationExecution'],
    [automationsArn(scope, region)],
  );
