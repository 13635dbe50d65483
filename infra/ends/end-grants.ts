/**
 * Who may do what across accounts and regions. Each end's rights are made of what stands there alone (standing.ts), and a
 * role that another account takes on trusts that account's functions by path and by an id that only both know.
 */

import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Deployment } from '../../core/words/domain';
import type { End } from '../../core/words/end';
import { endsElsewhere, reachOf, reportsTableAt } from '../../core/words/end-names';
import { allow, allowWide, describeIsForAll, groundQuestions } from '../granting/grants';
import { routeWrites } from '../granting/route-grants';
import { standingAt } from './standing';

/** For the trust of a role: those roles of the account that lie under `path`, when they name the external id. */
export function trusted(account: string, path: string, externalId: string | undefined): iam.IPrincipal {
  return new iam.PrincipalWithConditions(new iam.AccountPrincipal(account), {
    ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${account}:role${path}*` },
    ...(externalId !== undefined && { StringEquals: { 'sts:ExternalId': externalId } }),
  });
}

const isOfOtherAccount = ({ account }: End): boolean => account !== undefined;

/** Of other accounts: to take on their role, which holds the rights. Of our own: to ask for the reports of that region. */
export function endReads(scope: Construct, deployment: Deployment): iam.PolicyStatement[] {
  const ends = endsElsewhere(deployment);
  const tables = ends.filter((end) => !isOfOtherAccount(end)).map((end) => reportsArn(scope, deployment, end));
  return [
    ...(tables.length === 0 ? [] : [allow(['dynamodb:BatchGetItem'], tables)]),
    ...mayAssume(deployment, ends.filter(isOfOtherAccount)),
  ];
}

/** Routes in other regions of our own account, table by table; other accounts' by their role. */
export function endWrites(scope: Construct, deployment: Deployment): iam.PolicyStatement[] {
  const ends = endsElsewhere(deployment);
  return [
    ...ends
      .filter((end) => !isOfOtherAccount(end))
      .flatMap((end) => routeWrites(scope, standingAt(deployment, end), end.region)),
    ...mayAssume(deployment, ends.filter(isOfOtherAccount)),
  ];
}

function mayAssume(deployment: Deployment, ends: readonly End[]): iam.PolicyStatement[] {
  const roles = ends.flatMap((end) => reachOf(deployment, end)?.role ?? []);
  return roles.length === 0 ? [] : [allow(['sts:AssumeRole'], [...new Set(roles)])];
}

/** What the end's own role holds, in its own account: to look, and to write the routes that are listed there. */
export function endRights(scope: Construct, deployment: Deployment, end: End): iam.PolicyStatement[] {
  return [
    allowWide(describeIsForAll, groundQuestions, ['*'], {
      StringEquals: { 'aws:RequestedRegion': end.region },
    }),
    allow(['dynamodb:BatchGetItem'], [reportsArn(scope, deployment, end)]),
    ...routeWrites(scope, standingAt(deployment, end)),
  ];
}

function reportsArn(scope: Construct, deployment: Deployment, end: End): string {
  const { region, account } = end;
  const resourceName = reportsTableAt(deployment, end);
  const where = { region, ...(account !== undefined && { account }) };
  return Stack.of(scope).formatArn({ service: 'dynamodb', resource: 'table', resourceName, ...where });
}
