/**
 * How many characters IAM will count of a policy, measured on what is rendered, and statements shared out over policies
 * by that measure. A guess of so many ARNs a policy is wrong as soon as names grow; this is not.
 *
 * IAM counts a policy without white space. What CloudFormation fills in is taken at its longest.
 */
import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** AWS's, none of them adjustable: of all inline policies of a role together, and of one managed policy. */
export const inlineCharactersMax = 10_240;
export const managedCharactersMax = 6_144;

/**
 * Filled so far, and no further: the CDK adds log delivery, tracing and a target's grant to the inline ones itself, and
 * what is nearly full on purpose would be warned of as what is nearly full by growth.
 */
const inlineCharactersFilled = 7_168;
export const managedCharactersFilled = 4_864;

/** `{"Version":"2012-10-17","Statement":[]}` */
const documentCharacters = 40;

const longest: Readonly<Record<string, number>> = {
  'AWS::AccountId': 12,
  'AWS::Partition': 10,
  'AWS::Region': 14,
  'AWS::URLSuffix': 16,
};
/** A name or an ARN that CloudFormation makes of the stack's and the resource's: of a table, a queue, a role. */
const madeNameCharacters = 160;

/** Of a value as the template has it: texts, lists, and what CloudFormation fills in. */
export function renderedCharacters(value: unknown): number {
  return value === undefined ? 0 : JSON.stringify(filledIn(value)).length;
}

/** What CloudFormation fills in, at its longest. */
export function filledIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(filledIn);
  if (typeof value !== 'object' || value === null) return value;
  const [entry, ...more] = Object.entries(value);
  if (entry !== undefined && more.length === 0) {
    const [kind, argument] = entry;
    if (kind === 'Ref') return 'x'.repeat(longest[String(argument)] ?? madeNameCharacters);
    if (kind === 'Fn::GetAtt' || kind === 'Fn::Sub') return 'x'.repeat(madeNameCharacters);
    if (kind === 'Fn::Join') {
      const [separator, parts] = argument as [string, unknown[]];
      return parts.map((part) => String(filledIn(part))).join(separator);
    }
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filledIn(each)]));
}

export interface Sharing {
  /** Characters in the first document. */
  readonly firstMax?: number;
  /** The statement for some of its resources. */
  readonly withResources: (statement: iam.PolicyStatement, resources: string[]) => iam.PolicyStatement;
}

/**
 * The statements in as few documents as they fit: the first may be as long as a role's inline policies, the others as a
 * managed one. A statement longer than that is cut by its resources; one that cannot be cut is left whole, and the
 * quotas name it.
 */
export function sharedOut(
  scope: IConstruct,
  statements: readonly iam.PolicyStatement[],
  { firstMax = inlineCharactersFilled, withResources }: Sharing,
): iam.PolicyStatement[][] {
  const documents: { left: number; readonly statements: iam.PolicyStatement[] }[] = [
    { left: firstMax - documentCharacters, statements: [] },
  ];
  const all = statements.map((statement) => ({ statement, characters: charactersOf(scope, statement) }));
  const total = all.reduce((sum, { characters }) => sum + characters, 0);
  if (total <= documents[0]!.left) return [[...statements]];
  for (const piece of all.flatMap(({ statement }) => cut(scope, statement, withResources))) {
    const characters = charactersOf(scope, piece);
    let document = documents.find(({ left }) => characters <= left);
    if (document === undefined) {
      document = { left: managedCharactersFilled - documentCharacters, statements: [] };
      documents.push(document);
    }
    document.left -= characters;
    document.statements.push(piece);
  }
  return documents.filter((document) => document.statements.length > 0).map((document) => document.statements);
}

/** With the comma after it. */
function charactersOf(scope: IConstruct, statement: iam.PolicyStatement): number {
  return renderedCharacters(Stack.of(scope).resolve(statement.toStatementJson())) + 1;
}

/** Halved until every part has room in a managed policy. Any request is allowed by the part that names its resource. */
function cut(
  scope: IConstruct,
  statement: iam.PolicyStatement,
  withResources: Sharing['withResources'],
): iam.PolicyStatement[] {
  const { resources } = statement;
  if (charactersOf(scope, statement) <= managedCharactersFilled - documentCharacters || resources.length < 2)
    return [statement];
  const middle = Math.ceil(resources.length / 2);
  return [resources.slice(0, middle), resources.slice(middle)].flatMap((some) =>
    cut(scope, withResources(statement, some), withResources),
  );
}
