/** Every noun of core/words has a row in docs/GLOSSARY.md, or is as plain as its reason here. */
import { filesUnder, textOf } from './sources';

/** What stands in the first column: bold words, and names of types. */
const words = textOf('docs/GLOSSARY.md')
  .split('\n')
  .flatMap((line) => /^\| (?!word)([^|]*\*\*[^|]*) \|/.exec(line)?.[1] ?? [])
  .flatMap((cell) => [...cell.matchAll(/\*\*([^*]+)\*\*|`([^`]+)`/g)].map(([, bold, code]) => bold ?? code!));

const plain: Readonly<Record<string, readonly string[]>> = {
  'names and ids, which are text': [
    'CanaryId',
    'ConnectionName',
    'EndName',
    'GatewayName',
    'PathName',
    'RouteSetName',
    'TunnelAddress',
  ],
  'a kind of what has a row': [
    ...['InstanceGateway', 'VpnConnectionGateway', 'EscalateDecision', 'RecordDecision', 'RecordTogetherDecision'],
    ...['RefuseDecision', 'RepairDecision', 'TestedKind'],
  ],
  'a part or a pick of what has a row': ['VpnConnectionView', 'Situation'],
  'a message, named after who sends it': ['ApplyRequest', 'ApplyResult', 'AssessRequest', 'AssessResult'],
  'AWS’s own word': ['InstanceState'],
  'everybody’s word': ['Instant', 'Weekday', 'Notify', 'Check'],
};

const exportedBy = (folder: string): string[] =>
  filesUnder(folder, /\.ts$/).flatMap((file) =>
    [...textOf(file).matchAll(/^export (?:interface|type) ([A-Z]\w*)/gm)].map(([, name]) => name!),
  );
const nouns = exportedBy('core/words');
const reasons = new Set(Object.values(plain).flat());
/** `RouteSet` has the row of "route set". */
const hasRow = (name: string): boolean =>
  words.includes(name) || words.includes(name.replace(/(?!^)[A-Z]/g, ' $&').toLowerCase());

it('has a row for every type of core/words, or a reason', () => {
  expect(nouns.filter((name) => !hasRow(name) && !reasons.has(name))).toEqual([]);
  expect(nouns.length).toBeGreaterThan(70);
});

it('gives reasons only for what is there and has no row', () => {
  expect([...reasons].filter((name) => !nouns.includes(name) || hasRow(name))).toEqual([]);
});

it('has no row for a type that is not there, and no word twice', () => {
  const exported = exportedBy('core');
  const types = words.filter((word) => /^[A-Z]/.test(word));
  expect(types.filter((name) => !exported.includes(name))).toEqual([]);
  expect(words.filter((word, i) => words.indexOf(word) !== i)).toEqual([]);
});
