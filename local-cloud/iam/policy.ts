/**
 * IAM policy documents as data, and the AWS managed policies our roles may attach.
 *
 * Anything in a document that is not modelled (NotAction, NotResource, a policy variable) is refused by name when it is
 * read, not skipped when it is evaluated: a skipped statement would grant or deny something else than AWS does.
 */
import { isObject, type Json, type JsonObject } from '../template/json';

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly Condition[];
  /** Who may, in a resource or trust policy: service principals or AWS ARNs. Empty in identity policies. */
  readonly principals: readonly string[];
  /** Where it stands, for reports: policy name and index or Sid. */
  readonly where: string;
}

export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

const list = (value: Json | undefined): string[] =>
  value === undefined || value === null ? [] : (Array.isArray(value) ? value : [value]).map(String);

export function readPolicy(document: Json, name: string): Statement[] {
  if (!isObject(document)) throw new Error(`Policy '${name}' is not an object`);
  const statements = Array.isArray(document['Statement']) ? document['Statement'] : [document['Statement']!];
  return statements.map((statement, index) =>
    readStatement(
      statement as JsonObject,
      `${name}/${statement && isObject(statement) && statement['Sid'] ? String(statement['Sid']) : index}`,
    ),
  );
}

const elements = ['Sid', 'Effect', 'Action', 'Resource', 'Condition', 'Principal'];

function readStatement(statement: JsonObject, where: string): Statement {
  const unknown = Object.keys(statement).find((element) => !elements.includes(element));
  if (unknown !== undefined) throw new Error(`Policy statement ${where} has '${unknown}': not modelled`);
  const resources = list(statement['Resource']);
  const variable = resources.find((resource) => resource.includes('${'));
  if (variable !== undefined)
    throw new Error(`Policy statement ${where} has a policy variable in '${variable}': not modelled`);
  return {
    effect: statement['Effect'] === 'Deny' ? 'Deny' : 'Allow',
    actions: list(statement['Action']),
    resources,
    conditions: readConditions(statement['Condition']),
    principals: readPrincipals(statement['Principal'], where),
    where,
  };
}

function readConditions(condition: Json | undefined): Condition[] {
  if (!isObject(condition ?? null)) return [];
  return Object.entries(condition as JsonObject).flatMap(([operator, keys]) =>
    Object.entries(keys as JsonObject).map(([key, values]) => ({ operator, key, values: list(values) })),
  );
}

function readPrincipals(principal: Json | undefined, where: string): string[] {
  if (principal === undefined) return [];
  if (principal === '*') return ['*'];
  if (!isObject(principal)) throw new Error(`Policy statement ${where} has a Principal that is not modelled`);
  return Object.values(principal).flatMap(list);
}

/** AWS managed policies, as published; only those a role of ours attaches. */
export const managedPolicies: Readonly<Record<string, JsonObject>> = {
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole': {
    Statement: [
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: '*',
      },
    ],
  },
  'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole': {
    Statement: [
      {
        Effect: 'Allow',
        Action: [
          'logs:CreateLogGroup',
          'logs:CreateLogStream',
          'logs:PutLogEvents',
          'ec2:CreateNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:DeleteNetworkInterface',
          'ec2:AssignPrivateIpAddresses',
          'ec2:UnassignPrivateIpAddresses',
        ],
        Resource: '*',
      },
    ],
  },
};
