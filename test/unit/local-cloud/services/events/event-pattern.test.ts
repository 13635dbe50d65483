/** Every operator of EventBridge patterns that AWS documents, and the patterns it would refuse. */
import { checkEventPattern, matchesEventPattern } from '../../../../../local-cloud/services/events/event-pattern';

const detail = {
  count: 5,
  price: 2.5,
  state: 'running',
  tags: ['x', 'y'],
  none: null,
  empty: '',
  truth: true,
  ip: '10.0.0.33',
  ip6: '2001:db8::1',
  file: 'a*b\\c',
  items: [
    { kind: 'a', size: 1 },
    { kind: 'b', size: 2 },
  ],
  outer: { inner: { leaf: 1 } },
};

type Case = readonly [name: string, pattern: Record<string, unknown>, matches: boolean];

const cases: readonly Case[] = [
  ['an exact value', { state: ['running'] }, true],
  ['one of several values', { state: ['stopped', 'running'] }, true],
  ['a number, not its text', { count: ['5'] }, false],
  ['a boolean', { truth: [true] }, true],
  ['null', { none: [null] }, true],
  ['an empty string', { empty: [''] }, true],
  ['a nested field', { outer: { inner: { leaf: [1] } } }, true],
  ['fields are ANDed', { state: ['running'], count: [6] }, false],
  ['prefix', { state: [{ prefix: 'run' }] }, true],
  ['prefix with case', { state: [{ prefix: 'RUN' }] }, false],
  ['prefix without case', { state: [{ prefix: { 'equals-ignore-case': 'RUN' } }] }, true],
  ['suffix', { state: [{ suffix: 'ing' }] }, true],
  ['suffix without case', { state: [{ suffix: { 'equals-ignore-case': 'ING' } }] }, true],
  ['equals-ignore-case', { state: [{ 'equals-ignore-case': 'RUNNING' }] }, true],
  ['wildcard', { state: [{ wildcard: 'r*n*g' }] }, true],
  ['wildcard must cover all', { state: [{ wildcard: 'r*n' }] }, false],
  ['wildcard with escapes', { file: [{ wildcard: 'a\\*b\\\\*' }] }, true],
  ['wildcard escape is literal', { state: [{ wildcard: 'r\\*g' }] }, false],
  ['anything-but a value', { state: [{ 'anything-but': 'stopped' }] }, true],
  ['anything-but a list', { state: [{ 'anything-but': ['stopped', 'running'] }] }, false],
  ['anything-but numbers', { count: [{ 'anything-but': [1, 2] }] }, true],
  ['anything-but prefix', { state: [{ 'anything-but': { prefix: 'run' } }] }, false],
  ['anything-but a list of prefixes', { state: [{ 'anything-but': { prefix: ['stop', 'term'] } }] }, true],
  ['anything-but suffix', { state: [{ 'anything-but': { suffix: 'ing' } }] }, false],
  ['anything-but wildcard', { state: [{ 'anything-but': { wildcard: '*nn*' } }] }, false],
  ['anything-but without case', { state: [{ 'anything-but': { 'equals-ignore-case': ['RUNNING'] } }] }, false],
  ['anything-but on an absent field', { missing: [{ 'anything-but': ['q'] }] }, false],
  ['numeric equal', { count: [{ numeric: ['=', 5] }] }, true],
  ['numeric range', { price: [{ numeric: ['>', 0, '<=', 2.5] }] }, true],
  ['numeric out of range', { count: [{ numeric: ['<', 5] }] }, false],
  ['numeric of text', { state: [{ numeric: ['=', 5] }] }, false],
  ['exists', { state: [{ exists: true }] }, true],
  ['exists with a null value', { none: [{ exists: true }] }, true],
  ['exists: false on an absent field', { missing: [{ exists: false }] }, true],
  ['exists: false on a present field', { state: [{ exists: false }] }, false],
  ['exists sees leaves only', { outer: [{ exists: true }] }, false],
  ['cidr', { ip: [{ cidr: '10.0.0.0/24' }] }, true],
  ['cidr outside', { ip: [{ cidr: '10.0.1.0/24' }] }, false],
  ['cidr of IPv6', { ip6: [{ cidr: '2001:db8::/32' }] }, true],
  ['cidr of another family', { ip: [{ cidr: '2001:db8::/32' }] }, false],
  ['any element of an array', { tags: ['y'] }, true],
  ['array consistency holds', { items: { kind: ['b'], size: [2] } }, true],
  ['array consistency fails', { items: { kind: ['a'], size: [2] } }, false],
  ['numeric, equal to a fraction', { price: [{ numeric: ['=', 2.5] }] }, true],
  ['suffix with case', { state: [{ suffix: 'ING' }] }, false],
  ['an empty string is not null', { empty: [null] }, false],
  ['exists: false on a field that holds an object', { outer: [{ exists: false }] }, true],
  ['operators and values of one field are ORed', { state: ['x', { prefix: 'run' }] }, true],
  ['$or, second alternative', { $or: [{ count: [9] }, { state: ['running'] }] }, true],
  ['$or, none', { $or: [{ count: [9] }, { state: ['x'] }] }, false],
  ['$or beside a field', { empty: [''], $or: [{ count: [5] }, { state: ['x'] }] }, true],
];

describe('documented operators', () => {
  it.each(cases)('%s', (_, pattern, matches) => {
    expect(matchesEventPattern({ detail: pattern }, { detail })).toBe(matches);
  });
});

describe('patterns AWS would refuse', () => {
  it.each([
    ['an empty pattern', {}],
    ['a value that is no list', { source: 'aws.ec2' }],
    ['an empty list', { source: [] }],
    ['an unknown operator', { source: [{ starts: 'a' }] }],
    ['two operators at once', { source: [{ prefix: 'a', suffix: 'b' }] }],
    ['half a numeric range', { a: [{ numeric: ['>', 0, '<'] }] }],
    ['exists that is no boolean', { a: [{ exists: 'yes' }] }],
    ['a prefix that is no text', { a: [{ prefix: 7 }] }],
    ['equals-ignore-case over a list', { a: [{ 'equals-ignore-case': ['x', 'y'] }] }],
    ['anything-but nothing', { a: [{ 'anything-but': [] }] }],
    ['anything-but an object without an operator', { a: [{ 'anything-but': { starts: 'x' } }] }],
    ['consecutive wildcards', { a: [{ wildcard: 'a**b' }] }],
    ['a malformed CIDR', { a: [{ cidr: '10.0.0.0/99' }] }],
  ])('%s', (_, pattern) => {
    expect(() => checkEventPattern(pattern)).toThrow('Event pattern');
  });
});
