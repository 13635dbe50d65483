/**
 * Random calls to a small table, for comparing engines: the product's own calls with other values, and expressions of
 * DynamoDB's whole grammar over few names, so that paths and conditions often meet.
 *
 * Left out is what makes dynalite throw where AWS answers: begins_with of two paths, IN and BETWEEN with a path, and a
 * map or list as a value within itself (`SET m.x = m`).
 */
import fc from 'fast-check';

export interface Call {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

type Attributes = Record<string, Record<string, unknown>>;

const text = fc.constantFrom('', 'a', 'ab', 'b', 'S');
const number = fc.constantFrom('0', '1', '2', '-3.50', '1e3', '10', '007');
const plain = fc.oneof(
  text.map((S) => ({ S })),
  number.map((N) => ({ N })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constant({ NULL: true }),
  fc.uniqueArray(text, { minLength: 1, maxLength: 3 }).map((SS) => ({ SS })),
  fc.uniqueArray(fc.constantFrom('1', '2', '3'), { minLength: 1, maxLength: 3 }).map((NS) => ({ NS })),
);
const nested = fc.oneof(
  fc.array(plain, { maxLength: 3 }).map((L) => ({ L })),
  fc.dictionary(fc.constantFrom('x', 'y'), plain, { maxKeys: 2 }).map((M) => ({ M })),
);
const faulty = fc.constantFrom<Record<string, unknown>>(
  { N: 'three' },
  { N: '' },
  { N: '1e200' },
  { N: '1234567890123456789012345678901234567890' },
  { SS: [] },
  { NS: [] },
  { SS: ['a', 'a'] },
  { NS: ['1', '1.0'] },
  { NULL: false },
  { L: [{ N: 'x' }] },
);
const value: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  { weight: 12, arbitrary: plain },
  { weight: 6, arbitrary: nested },
  { weight: 1, arbitrary: faulty },
);

const keys = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom<Attributes>(keyOf('one'), keyOf('two')) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Attributes>(
      { pk: { S: 'one' } },
      keyOf(''),
      { ...keyOf('one'), a: { S: 'x' } },
      {
        pk: { N: '1' },
        sk: { S: 'lease' },
      },
    ),
  },
);

function keyOf(pk: string): Attributes {
  return { pk: { S: pk }, sk: { S: 'lease' } };
}

const path = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom('a', 'b', 'c', '#a', '#b') },
  { weight: 30, arbitrary: fc.constantFrom('m.x', '#m.y', 'l[0]', 'l[1]', 'l[4]', 'm', 'l') },
  { weight: 1, arbitrary: fc.constantFrom('pk', 'size', '#none', 'm.x.y', 'pk.x', 'token') },
);
/** By what they stand for: number, text, set, list, name of a type, anything. */
const anyLiteral = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom(':n', ':s', ':set', ':list', ':type', ':any') },
  { weight: 1, arbitrary: fc.constant(':none') },
);
const operand = fc.oneof({ weight: 2, arbitrary: path }, { weight: 1, arbitrary: anyLiteral });
const mostly = (literal: string) =>
  fc.oneof({ weight: 20, arbitrary: fc.constant(literal) }, { weight: 1, arbitrary: anyLiteral });
const values: fc.Arbitrary<Attributes> = fc.record({
  ':n': fc.oneof({ weight: 12, arbitrary: number.map((N) => ({ N })) }, { weight: 1, arbitrary: faulty }),
  ':high': number.map((N) => ({ N })),
  ':s': text.map((S) => ({ S })),
  ':set': fc.uniqueArray(text, { minLength: 1, maxLength: 3 }).map((SS) => ({ SS })),
  ':list': fc.array(plain, { maxLength: 2 }).map((L) => ({ L })),
  ':type': fc.constantFrom('S', 'N', 'L', 'M', 'BOOL', 'SS', 'X').map((S) => ({ S })),
  ':any': value,
});

const joined = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((all) => all.join(' '));
const comparison = fc.constantFrom('=', '<>', '<', '<=', '>', '>=');

const test = fc.oneof(
  joined(operand, comparison, operand),
  joined(path, comparison, fc.constantFrom(':n', ':s')),
  fc.tuple(fc.constantFrom('attribute_exists', 'attribute_not_exists'), path).map(([name, of]) => `${name}(${of})`),
  fc.tuple(path, mostly(':type')).map(([of, type]) => `attribute_type(${of}, ${type})`),
  fc.tuple(path, mostly(':s')).map(([of, start]) => `begins_with(${of}, ${start})`),
  fc.tuple(path, operand).map(([of, part]) => `contains(${of}, ${part})`),
  fc.tuple(path, mostly(':n')).map(([of, than]) => `size(${of}) > ${than}`),
  fc.tuple(operand, mostly(':n'), mostly(':high')).map(([of, low, high]) => `${of} BETWEEN ${low} AND ${high}`),
  fc.tuple(operand, mostly(':n'), mostly(':any')).map(([of, one, other]) => `${of} IN (${one}, ${other})`),
);
const condition = fc.oneof(
  { weight: 3, arbitrary: test },
  { weight: 1, arbitrary: test.map((one) => `NOT ${one}`) },
  { weight: 2, arbitrary: joined(test, fc.constantFrom('AND', 'OR'), test) },
  { weight: 1, arbitrary: fc.tuple(test, test, test).map(([a, b, c]) => `${a} AND (${b} or NOT (${c}))`) },
);

const within = path.filter((of) => of !== 'm' && of !== 'l');
const assignable = fc.oneof({ weight: 2, arbitrary: within }, { weight: 1, arbitrary: anyLiteral });
const assigned = fc.oneof(
  assignable,
  joined(fc.oneof(path, mostly(':n')), fc.constantFrom('+', '-'), mostly(':n')),
  fc.tuple(within, assignable).map(([of, other]) => `if_not_exists(${of}, ${other})`),
  fc.tuple(path, mostly(':n'), mostly(':n')).map(([of, none, more]) => `if_not_exists(${of}, ${none}) + ${more}`),
  fc.tuple(operand, mostly(':list')).map(([list, more]) => `list_append(${list}, ${more})`),
);
const listOf = (parts: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 3, arbitrary: parts },
    { weight: 1, arbitrary: fc.tuple(parts, parts).map((all) => all.join(', ')) },
  );
const sections = {
  SET: listOf(joined(path, fc.constant('='), assigned)).map((all) => `SET ${all}`),
  REMOVE: listOf(path).map((all) => `REMOVE ${all}`),
  ADD: listOf(joined(path, fc.oneof(mostly(':n'), mostly(':set')))).map((all) => `ADD ${all}`),
  DELETE: listOf(joined(path, mostly(':set'))).map((all) => `DELETE ${all}`),
};
const update = fc.oneof(
  { weight: 14, arbitrary: sections.SET },
  { weight: 14, arbitrary: fc.oneof(sections.REMOVE, sections.ADD, sections.DELETE) },
  { weight: 7, arbitrary: joined(sections.SET, fc.oneof(sections.REMOVE, sections.ADD, sections.DELETE)) },
  { weight: 3, arbitrary: joined(sections.REMOVE, sections.ADD, sections.DELETE) },
  { weight: 1, arbitrary: joined(sections.SET, sections.SET) },
  { weight: 1, arbitrary: fc.constantFrom('', 'SET', 'SET a = ', 'a = :n', 'SET a = unknown(:n)') },
);
const projection = fc.oneof({ weight: 15, arbitrary: listOf(path) }, { weight: 1, arbitrary: fc.constant('a,,b') });

/** What calls of a sequence share, so that one expression meets many values. */
interface Shape {
  readonly update: string;
  readonly condition: string | undefined;
  readonly projection: string | undefined;
  readonly names: Readonly<Record<string, string>>;
  readonly returned: string | undefined;
}

const shape: fc.Arbitrary<Shape> = fc.record({
  update,
  condition: fc.option(condition, { nil: undefined, freq: 3 }),
  projection: fc.option(projection, { nil: undefined, freq: 2 }),
  names: fc.record({ '#a': fc.constantFrom('a', 'c'), '#b': fc.constantFrom('b', 'c'), '#m': fc.constant('m') }),
  returned: fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(undefined, 'NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW') },
    { weight: 1, arbitrary: fc.constant('EVERYTHING') },
  ),
});

/** Names and values for these expressions, and now and then one too many. */
function filledIn(texts: object, names: Shape['names'], given: Attributes, extra: boolean): object {
  const used = new Set<string>(
    Object.values(texts)
      .join(' ')
      .match(/[#:]\w+/g),
  );
  const pick = <T>(all: Readonly<Record<string, T>>): Record<string, T> | undefined => {
    const picked = Object.entries(all).filter(([name], i) => used.has(name) || (extra && i === 0));
    return picked.length === 0 ? undefined : Object.fromEntries(picked);
  };
  return { ExpressionAttributeNames: pick(names), ExpressionAttributeValues: pick(given) };
}

const rarely = fc.nat(30).map((n) => n === 0);
const table = fc.oneof(
  { weight: 40, arbitrary: fc.constant('drawn') },
  { weight: 1, arbitrary: fc.constantFrom('absent', 'x', 'no/name') },
);
const others: fc.Arbitrary<Attributes> = fc.record(
  { a: value, b: value, c: value, m: nested, l: nested },
  { requiredKeys: ['m', 'l'] },
);

const aimed = fc.record({ TableName: table, Key: keys, shape: fc.nat(), values, extra: rarely });

function writes(shapes: readonly Shape[], operation: string): fc.Arbitrary<Call> {
  return fc
    .tuple(aimed, others, fc.constantFrom(undefined, 'ALL_OLD'))
    .map(([{ TableName, Key, shape: which, values: given, extra }, rest, onFailure]) => {
      const { update: UpdateExpression, condition: ConditionExpression, ...shape } = shapes[which % shapes.length]!;
      const texts = operation === 'UpdateItem' ? { UpdateExpression, ConditionExpression } : { ConditionExpression };
      const target = operation === 'PutItem' ? { Item: { ...Key, ...rest } } : { Key };
      const filled = filledIn(texts, shape.names, given, extra);
      // A put or a deletion can only return what was.
      const ReturnValues = operation === 'UpdateItem' ? shape.returned : shape.returned?.replace(/\w+_\w+/, 'ALL_OLD');
      const asked = { ReturnValues, ReturnValuesOnConditionCheckFailure: onFailure };
      return { operation, input: { TableName, ...target, ...texts, ...filled, ...asked } };
    });
}

function reads(shapes: readonly Shape[]): fc.Arbitrary<Call> {
  return fc.oneof(
    aimed.map(({ TableName, Key, shape: which, extra }) => {
      const { projection: ProjectionExpression, names } = shapes[which % shapes.length]!;
      const filled = filledIn({ ProjectionExpression }, names, {}, extra);
      return { operation: 'GetItem', input: { TableName, Key, ProjectionExpression, ...filled, ConsistentRead: true } };
    }),
    fc.tuple(table, fc.array(keys, { maxLength: 3 })).map(([name, Keys]) => ({
      operation: 'BatchGetItem',
      input: { RequestItems: { [name]: { Keys, ConsistentRead: true } } },
    })),
  );
}

/** The same call with other values of the same types: few of them, so that conditions hold and fail; 3 is no number. */
function withOtherValues({ operation, input }: Call, draws: readonly number[], returned: object): Call {
  const { ExpressionAttributeValues: given } = input as { ExpressionAttributeValues?: Attributes };
  if (given === undefined) return { operation, input };
  const drawn = Object.entries(given).map(([name, was], i) => {
    const draw = String(draws[i % draws.length]);
    return [name, 'N' in was ? { N: draw === '3' ? 'three' : draw } : 'S' in was ? { S: draw } : was];
  });
  return { operation, input: { ...input, ...returned, ExpressionAttributeValues: Object.fromEntries(drawn) } };
}

/** Sequences of calls; `product`: calls that the product makes. */
export function callsLike(product: readonly Call[]): fc.Arbitrary<readonly Call[]> {
  const draw = fc.oneof({ weight: 60, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.constant(3) });
  const draws = fc.array(draw, { minLength: 5, maxLength: 5 });
  const asked = fc.constantFrom('UPDATED_OLD', 'ALL_OLD', 'EVERYTHING').map((ReturnValues) => ({ ReturnValues }));
  const returned = fc.oneof({ weight: 5, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: asked });
  const ours = fc.tuple(fc.constantFrom(...product), draws, returned).map((parts) => withOtherValues(...parts));
  return fc.array(shape, { minLength: 1, maxLength: 2 }).chain((shapes) => {
    const call = fc.oneof(
      { weight: 6, arbitrary: ours },
      { weight: 8, arbitrary: writes(shapes, 'UpdateItem') },
      { weight: 3, arbitrary: writes(shapes, 'PutItem') },
      { weight: 1, arbitrary: writes(shapes, 'DeleteItem') },
      { weight: 2, arbitrary: reads(shapes) },
    );
    const first = fc.tuple(...['one', 'two'].map((pk) => others.map((rest) => put({ ...keyOf(pk), ...rest }))));
    const later = fc.array(call, { minLength: 1, maxLength: 40, size: 'max' });
    return fc.tuple(first, later).map((parts) => parts.flat());
  });
}

const put = (Item: Attributes): Call => ({ operation: 'PutItem', input: { TableName: 'drawn', Item } });
