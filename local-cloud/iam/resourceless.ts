/**
 * Actions for which the Service Authorization Reference lists no resource type: AWS asks for them on `*`, whatever the
 * call names, so a grant on an ARN grants nothing. Those that our templates or the services acting for them could hold.
 */
import { matchesAction } from './wildcard';

const patterns = [
  'cloudwatch:GetMetricData',
  'dynamodb:ListStreams',
  'dynamodb:ListTables',
  'ec2:Describe*',
  'logs:GetQueryResults',
  'ssm:DescribeInstanceInformation',
  'ssm:ListCommands',
  'ssm:ListCommandInvocations',
  'xray:*',
];

const known = new Map<string, boolean>();

export function isResourceless(action: string): boolean {
  const before = known.get(action);
  if (before !== undefined) return before;
  const found = patterns.some((pattern) => matchesAction(pattern, action));
  known.set(action, found);
  return found;
}
