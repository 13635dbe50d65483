/**
 * `aws:branch`: the first choice that holds names the next step.
 */
import { NotModelled } from '../../service';
import { asText } from './references';

interface Choice {
  readonly NextStep?: string;
  readonly Variable?: unknown;
  readonly And?: readonly Choice[];
  readonly Or?: readonly Choice[];
  readonly Not?: Choice;
  readonly [operator: string]: unknown;
}

const operators: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  StringEquals: (value, wanted) => value === wanted,
  EqualsIgnoreCase: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
  StartsWith: (value, wanted) => value.startsWith(wanted),
  EndsWith: (value, wanted) => value.endsWith(wanted),
  Contains: (value, wanted) => value.includes(wanted),
  NumericEquals: (value, wanted) => Number(value) === Number(wanted),
  NumericGreater: (value, wanted) => Number(value) > Number(wanted),
  NumericLesser: (value, wanted) => Number(value) < Number(wanted),
  NumericGreaterOrEquals: (value, wanted) => Number(value) >= Number(wanted),
  NumericLesserOrEquals: (value, wanted) => Number(value) <= Number(wanted),
  BooleanEquals: (value, wanted) => value === wanted,
};

export function chooseBranch(inputs: Readonly<Record<string, unknown>>): string {
  const { Choices, Default } = inputs as { Choices?: readonly Choice[]; Default?: string };
  const next = Choices?.find((each) => holds(each))?.NextStep ?? Default;
  if (next === undefined) throw new NotModelled('ssm', 'a branch where no choice holds and no Default is given');
  return next;
}

function holds(choice: Choice): boolean {
  if (choice.And !== undefined) return choice.And.every(holds);
  if (choice.Or !== undefined) return choice.Or.some(holds);
  if (choice.Not !== undefined) return !holds(choice.Not);
  const operator = Object.keys(choice).find((each) => each !== 'NextStep' && each !== 'Variable')!;
  const compare = operators[operator];
  if (compare === undefined) throw new NotModelled('ssm', `the branch operator ${operator}`);
  return compare(asText(choice.Variable), asText(choice[operator]));
}
