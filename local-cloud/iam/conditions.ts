/**
 * IAM condition operators, as far as our policies use them.
 *
 * An unknown operator or key throws by name: guessing either way would make a policy look tighter or looser than it
 * is. A known key that a request does not carry is simply absent, which fails every operator but the negated ones,
 * `…IfExists` and `ForAllValues`, as in AWS.
 */
import type { Condition } from './policy';
import { matchesArn, matchesText } from './wildcard';

/** Condition keys of one request, keys in lower case. */
export type RequestContext = Readonly<Record<string, readonly string[]>>;

const knownKeys: readonly RegExp[] = [
  /^aws:(principalarn|sourcearn|sourceaccount|principalaccount|resourceaccount|requestedregion|tagkeys|securetransport|tokenissuetime)$/,
  /^aws:(resourcetag|requesttag|principaltag)\/.+$/,
  /^dynamodb:(leadingkeys|attributes|returnvalues|select)$/,
  /^cloudwatch:namespace$/,
  /^iam:passedtoservice$/,
  /^sts:externalid$/,
  /^events:source$/,
  /^s3:prefix$/,
  /^route53:changeresourcerecordsets(normalizedrecordnames|recordtypes|actions)$/,
  /^ec2:(vpc|subnet|region|instanceid|launchtemplate|islaunchtemplateresource|createaction|availabilityzone)$/,
  /^ec2:resourcetag\/.+$/,
  /^ssm:resourcetag\/.+$/,
  /^lambda:(functionarn|sourcefunctionarn)$/,
];

/** ISO 8601, or seconds since 1970. */
const instantOf = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text));

type Compare = (wanted: string, given: string) => boolean;

const operators: Readonly<Record<string, { readonly compare: Compare; readonly negated?: true }>> = {
  StringEquals: { compare: (wanted, given) => wanted === given },
  StringNotEquals: { compare: (wanted, given) => wanted === given, negated: true },
  StringEqualsIgnoreCase: { compare: (wanted, given) => wanted.toLowerCase() === given.toLowerCase() },
  StringLike: { compare: matchesText },
  StringNotLike: { compare: matchesText, negated: true },
  ArnEquals: { compare: matchesArn }, // AWS documents ArnEquals and ArnLike as identical.
  ArnLike: { compare: matchesArn },
  ArnNotLike: { compare: matchesArn, negated: true },
  DateLessThan: { compare: (wanted, given) => instantOf(given) < instantOf(wanted) },
  Bool: { compare: (wanted, given) => wanted.toLowerCase() === given.toLowerCase() },
};

/** Of every condition at every call: the same few keys are asked for, and what is known of them does not change. */
const known = new Map<string, string>();

/** The key in lower case. Throws for one that is not modelled. */
function knownKey(key: string): string {
  const lower = known.get(key) ?? key.toLowerCase();
  if (!known.has(key) && !knownKeys.some((one) => one.test(lower)))
    throw new Error(`IAM condition key '${key}' is not modelled`);
  known.set(key, lower);
  return lower;
}

export function holds(condition: Condition, context: RequestContext): boolean {
  const [quantifier, bare] = condition.operator.includes(':')
    ? (condition.operator.split(':') as [string, string])
    : ['', condition.operator];
  const ifExists = bare.endsWith('IfExists');
  const name = ifExists ? bare.slice(0, -'IfExists'.length) : bare;
  const given = context[knownKey(condition.key)];
  if (name === 'Null') return (given === undefined) === (condition.values[0] === 'true');
  const operator = operators[name];
  if (operator === undefined) throw new Error(`IAM condition operator '${condition.operator}' is not modelled`);
  const one = (value: string): boolean =>
    condition.values.some((wanted) => operator.compare(wanted, value)) !== (operator.negated ?? false);
  switch (quantifier) {
    case 'ForAllValues':
      return (given ?? []).every(one);
    case 'ForAnyValue':
      return (given ?? []).some(one);
    case '':
      if (given === undefined || given.length === 0) return ifExists || operator.negated === true;
      return one(given[0]!);
    default:
      throw new Error(`IAM condition quantifier '${quantifier}' is not modelled`);
  }
}
