/**
 * How the state machine's definition is filled, and that the written file says each idea once: what stands there twice
 * is changed in one place only, sooner or later.
 */
import { readFileSync } from 'node:fs';
import { definitionFile, deployedNames, failoverDefinition, fillDefinition, numbers } from '../../infra/definition';

const fill = (definition: object): object => fillDefinition(JSON.stringify(definition), 'my.asl.json');
const open = (name: string): string => `\${${name}}`;

describe('a definition', () => {
  it('is filled with its parts and the numbers of core, whole or inside a text, and leaves deployed names open', () => {
    const Parts = { Now: '$entered', Until: { N: `{% ${open('Now')} + ${open('LeaseMs')} %}` }, Twice: [1, 2] };
    const States = { A: { Seconds: open('RunSeconds'), until: open('Until'), list: [open('Twice'), null, true] } };
    expect(fill({ Parts, States, Table: open('StateTable'), Text: `a ${open('StateTable')}` })).toEqual({
      States: {
        A: {
          Seconds: numbers['RunSeconds'],
          until: { N: `{% $entered + ${numbers['LeaseMs']} %}` },
          list: [[1, 2], null, true],
        },
      },
      Table: open('StateTable'),
      Text: `a ${open('StateTable')}`,
    });
  });

  it('takes all fields of a part by "...", its own over them, and a part may do the same', () => {
    const Parts = { Call: { Type: 'Task', TimeoutSeconds: 5 }, Update: { '...': open('Call'), Resource: 'update' } };
    expect(fill({ Parts, States: { A: { '...': open('Update'), TimeoutSeconds: 7 } } })).toEqual({
      States: { A: { Type: 'Task', TimeoutSeconds: 7, Resource: 'update' } },
    });
  });

  it.each([
    [
      'a name that nothing has',
      { States: { A: { Retry: [open('Retries')] } } },
      /States\.A\.Retry\[0\].*\{Retries\}.*which is none of.*LeaseMs.*StateTable/,
    ],
    [
      'such a name inside a text',
      { States: { A: `{% ${open('Nu')} %}` } },
      /States\.A writes \$\{Nu\}, which is none of/,
    ],
    [
      'parts that hold each other',
      { Parts: { A: [open('B')], B: open('A') }, C: open('A') },
      /contains itself: A -> B -> A/,
    ],
    [
      'an object inside a text',
      { Parts: { A: { N: 1 } }, C: `x ${open('A')}` },
      /C writes \$\{A\} inside a text.*only stand alone/,
    ],
    [
      '"..." of what has no fields',
      { Parts: { A: 'text' }, C: { '...': open('A') } },
      /C\."\.\.\." has no fields.*part that is an object/,
    ],
    [
      'a part with the name of a number',
      { Parts: { LeaseMs: 'x' } },
      /Parts\.LeaseMs is the name of something else.*call it another name/,
    ],
    ['a part with a deployed name', { Parts: { StateTable: 'x' } }, /Parts\.StateTable is the name of something else/],
    ['parts that are none', { Parts: ['x'] }, /Parts is no object/],
  ])('is refused for %s, by place, text and mend', (_, definition, message) => {
    expect(() => fill(definition)).toThrow(message);
    expect(() => fill(definition)).toThrow(/^my\.asl\.json: /);
  });
});

describe('the written file', () => {
  const text = readFileSync(definitionFile, 'utf8');
  const written = JSON.parse(text) as { readonly Parts: Readonly<Record<string, unknown>>; readonly States: object };
  const uses = (name: string): number => text.split(open(name)).length - 1;

  /** Every value in it, with its text on one line. */
  const values: { readonly value: unknown; readonly line: string }[] = [];
  JSON.parse(text, (key, value: unknown) => {
    if (key !== 'Comment') values.push({ value, line: JSON.stringify(value) });
    return value;
  });

  it('says nothing twice that has a length: no block, no expression', () => {
    const long = values.filter(({ value, line }) => line.length > (typeof value === 'string' ? 80 : 120));
    const lines = long.map(({ line }) => line);
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.filter((line, i) => lines.indexOf(line) !== i)).toEqual([]);
  });

  it('makes a part only of what is used at least twice', () => {
    const { Comment: _, ...parts } = written.Parts;
    expect(Object.keys(parts).filter((name) => uses(name) < 2)).toEqual([]);
  });

  it('uses every number that is offered, and writes none of them itself', () => {
    expect(Object.keys(numbers).filter((name) => uses(name) === 0)).toEqual([]);
    const expressions = values.flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
    const large = expressions.flatMap((expression) => expression.match(/\b\d{3,}\b/g) ?? []);
    expect(large).toEqual(['1000']); // Characters kept of why a repair or a write failed; nobody else counts them.
  });

  it('is open for deployed names alone once it is filled', () => {
    const left = [...failoverDefinition().matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!);
    expect([...new Set(left)].sort()).toEqual([...deployedNames].sort());
    expect(JSON.parse(failoverDefinition())).not.toHaveProperty('Parts');
    expect(failoverDefinition()).not.toContain('"..."');
  });
});
