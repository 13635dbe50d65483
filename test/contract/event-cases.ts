/**
 * Event patterns by documented operator, and which events each must match. Sources: EventBridge's user guide, "Create
 * event patterns" and "Comparison operators"; where it is silent, the README of AWS's own matcher (event-ruler).
 */
import type { ContractEvent } from './site';

const event = (detail: ContractEvent['detail'], over: Partial<ContractEvent> = {}): ContractEvent => ({
  source: 'contract',
  'detail-type': 'Case',
  resources: [],
  detail,
  ...over,
});

export const events: Readonly<Record<string, ContractEvent>> = {
  full: event({
    count: 5,
    price: 2.5,
    state: 'running',
    none: null,
    empty: '',
    truth: true,
    ip: '10.0.0.33',
    ip6: '2001:db8::1',
    file: 'a*b\\c',
    tags: ['x', 'y'],
    outer: { inner: { leaf: 1 } },
  }),
  upper: event({ count: -1, price: 2.6, state: 'RUNNING', truth: false, ip: '10.0.1.33', tags: ['Z'] }),
  textual: event({ count: '5', state: 'stopped', none: 'null', truth: 'true', ip: 'nowhere', tags: 'x' }),
  bare: event({}),
  elsewhere: event({ state: 'running' }, { source: 'contract.other', resources: ['arn:a', 'arn:b'] }),
};

type Case = readonly [name: string, detail: object, matches: readonly (keyof typeof events)[]];

const onDetail: readonly Case[] = [
  ['an exact text', { state: ['running'] }, ['full', 'elsewhere']],
  ['one of several texts', { state: ['stopped', 'running'] }, ['full', 'textual', 'elsewhere']],
  ['a number is not its text', { count: [5] }, ['full']],
  ['a text is not its number', { count: ['5'] }, ['textual']],
  ['a boolean', { truth: [true] }, ['full']],
  ['null is not the text null', { none: [null] }, ['full']],
  ['an empty text', { empty: [''] }, ['full']],
  ['a nested field', { outer: { inner: { leaf: [1] } } }, ['full']],
  ['fields are ANDed', { state: ['running'], count: [6] }, []],
  ['any element of an array', { tags: ['x'] }, ['full', 'textual']],
  ['prefix', { state: [{ prefix: 'run' }] }, ['full', 'elsewhere']],
  ['prefix without case', { state: [{ prefix: { 'equals-ignore-case': 'RuN' } }] }, ['full', 'upper', 'elsewhere']],
  ['suffix', { state: [{ suffix: 'ed' }] }, ['textual']],
  ['suffix without case', { state: [{ suffix: { 'equals-ignore-case': 'Ing' } }] }, ['full', 'upper', 'elsewhere']],
  ['equals-ignore-case', { state: [{ 'equals-ignore-case': 'Running' }] }, ['full', 'upper', 'elsewhere']],
  ['wildcard', { state: [{ wildcard: 'r*n*g' }] }, ['full', 'elsewhere']],
  ['wildcard covers the whole', { state: [{ wildcard: 'r*n' }] }, []],
  ['wildcard with escapes', { file: [{ wildcard: 'a\\*b\\\\*' }] }, ['full']],
  ['wildcard with an escape is literal', { state: [{ wildcard: 'r\\*g' }] }, []],
  ['anything-but a text', { state: [{ 'anything-but': 'running' }] }, ['upper', 'textual']],
  ['anything-but a list', { state: [{ 'anything-but': ['running', 'stopped'] }] }, ['upper']],
  ['anything-but numbers', { price: [{ 'anything-but': [2.5, 3] }] }, ['upper']],
  ['anything-but prefix', { state: [{ 'anything-but': { prefix: 'run' } }] }, ['upper', 'textual']],
  ['anything-but a list of prefixes', { state: [{ 'anything-but': { prefix: ['run', 'RUN'] } }] }, ['textual']],
  ['anything-but suffix', { state: [{ 'anything-but': { suffix: 'ing' } }] }, ['upper', 'textual']],
  ['anything-but without case', { state: [{ 'anything-but': { 'equals-ignore-case': ['RUNNING'] } }] }, ['textual']],
  ['anything-but wildcard', { state: [{ 'anything-but': { wildcard: '*nn*' } }] }, ['upper', 'textual']],
  ['anything-but needs the field', { empty: [{ 'anything-but': 'q' }] }, ['full']],
  ['numeric equal', { count: [{ numeric: ['=', 5] }] }, ['full']],
  ['numeric below', { count: [{ numeric: ['<', 0] }] }, ['upper']],
  ['numeric range', { price: [{ numeric: ['>', 0, '<=', 2.5] }] }, ['full']],
  ['numeric of a text', { state: [{ numeric: ['=', 5] }] }, []],
  ['exists', { ip: [{ exists: true }] }, ['full', 'upper', 'textual']],
  ['exists with null', { none: [{ exists: true }] }, ['full', 'textual']],
  ['exists: false', { ip: [{ exists: false }] }, ['bare', 'elsewhere']],
  ['exists sees leaves only', { outer: [{ exists: true }] }, []],
  ['cidr', { ip: [{ cidr: '10.0.0.0/24' }] }, ['full']],
  ['a wider cidr', { ip: [{ cidr: '10.0.0.0/16' }] }, ['full', 'upper']],
  ['cidr of IPv6', { ip6: [{ cidr: '2001:db8::/32' }] }, ['full']],
  ['cidr of the other family', { ip: [{ cidr: '2001:db8::/32' }] }, []],
  ['$or', { $or: [{ count: [-1] }, { state: ['stopped'] }] }, ['upper', 'textual']],
  ['$or beside a field', { truth: [true], $or: [{ count: [-1] }, { count: [5] }] }, ['full']],
  [
    '$or over operators',
    { $or: [{ ip: [{ exists: false }] }, { tags: [{ prefix: 'Z' }] }] },
    ['upper', 'bare', 'elsewhere'],
  ],
];

const onEnvelope: readonly Case[] = [
  ['source', { source: ['contract.other'] }, ['elsewhere']],
  ['source and detail', { source: ['contract'], detail: { state: ['running'] } }, ['full']],
  ['detail-type', { 'detail-type': [{ prefix: 'Ca' }] }, ['full', 'upper', 'textual', 'bare', 'elsewhere']],
  ['any of the resources', { resources: ['arn:b', 'arn:c'] }, ['elsewhere']],
  ['region', { region: ['us-east-1'] }, []],
];

/** Cases share one bus with other events: none of theirs may match. */
const ours = { source: [{ prefix: 'contract' }] };

export const patterns: Readonly<Record<string, object>> = Object.fromEntries([
  ...onDetail.map(([name, detail]) => [name, { ...ours, detail }]),
  ...onEnvelope.map(([name, pattern]) => [name, { ...ours, ...pattern }]),
]);

export const expectedMatches: readonly string[] = [...onDetail, ...onEnvelope].flatMap(([name, , labels]) =>
  labels.map((label) => `${name}: ${label}`),
);
