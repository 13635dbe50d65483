/**
 * One slip of the pen is one complaint: the field as it was meant, none of what follows from it, the line it stands in;
 * and a hopeless file is five complaints and a number.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigInvalid, parseConfig } from '../../../config/read';

const pair = readFileSync(join(__dirname, '../../../sim/sites/pair.yaml'), 'utf8');

function said(text: string): string[] {
  const result = parseConfig(text, 'my.yaml');
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

const slip = (from: string | RegExp, to: string) => said(pair.replace(from, to));

it.each<[string, string[], RegExp]>([
  ['conections', slip('connections:', 'conections:'), /^conections: .* did you mean connections\?$/],
  ['gatways', slip('gateways:', 'gatways:'), /^gatways: .* did you mean gateways\?$/],
  ['route_sets', slip('routeSets:', 'route_sets:'), /paris\.route_sets: .* did you mean routeSets\?$/],
  ['pahts', slip('paths:', 'pahts:'), /paris\.pahts: .* did you mean paths\?$/],
  ['canarys', slip('canaries:', 'canarys:'), /paris\.canarys: .* did you mean canaries\?$/],
  ['destination', slip('destinations:', 'destination:'), /office\.destination: .* did you mean destinations\?$/],
  ['regoin', slip('region:', 'regoin:'), /^regoin: .* did you mean region\?$/],
  [
    'PrivateAddress',
    slip('privateAddress:', 'PrivateAddress:'),
    /gw-a\.PrivateAddress: .* did you mean privateAddress/,
  ],
  ['mode: divrt', slip('mode: repair', 'mode: divrt'), /mode: is none of .* did you mean divert\?$/],
  [
    'gw-bb',
    slip('gateway: gw-b', 'gateway: gw-bb'),
    /paths\.b\.gateway: names no gateway: did you mean gw-b\? Known: gw-a, gw-b$/,
  ],
  [
    'offise',
    slip('routeSet: office', 'routeSet: offise'),
    /service\.routeSet: names no route set: did you mean office/,
  ],
  ['a canary of no path', slip('path: b\n', 'path: bb\n'), /path-b\.path: names no path/],
  [
    'a region',
    slip('region: eu-central-1', 'region: eu-centarl-1'),
    /^region: is no region: did you mean eu-central-1\?$/,
  ],
  [
    'a second path over the same gateway',
    slip('gateway: gw-b', 'gateway: gw-a'),
    /paths\.b\.gateway: is already the gateway/,
  ],
  ['no canaries', said(pair.replace(/ {4}canaries:[\s\S]*/, '')), /paris\.canaries: is missing/],
  ['no gateways', said(pair.replace(/gateways:[\s\S]*?(?=connections:)/, '')), /^gateways: is missing/],
  ['two documents', said(`${pair}\n---\n${pair}`), /holds two documents: remove the second ---/],
  ['tabs', said(pair.replace('\n    instance', '\n\t\tinstance')), /my\.yaml: is not YAML/],
  [
    'a merge key',
    slip('  gw-b:\n', '  gw-b:\n    <<: {}\n'),
    /gateways\.gw-b\.<<: is a merge key, which is not read here/,
  ],
  ['a reserved name', slip('  paris:', '  constructor:'), /constructor: is a name that JavaScript keeps/],
  ['nothing', said(''), /^: is empty: start from examples\/adopt\/switchback\.yaml$/],
  ['a comment', said('# later\n'), /^: is empty: start from/],
  ['another kind of file', said('# Title\n\n- a `b`: [\n\t{ %'), /my\.yaml: is not YAML/],
])('says one thing of %s', (_what, lines, complaint) => expect(lines).toEqual([expect.stringMatching(complaint)]));

it('goes on to what is wrong inside a misspelt group, in the words of the author', () => {
  const both = said(pair.replace('gateways:', 'gatways:').replace('instance: i-0aaaaaaaaaaaaaaa1', 'instense: i-12'));
  expect(both).toEqual([
    expect.stringMatching(/^gatways: /),
    expect.stringMatching(/^gatways\.gw-a\.instense: is unknown here: did you mean instance\?/),
    expect.stringMatching(/^gatways\.gw-a\.instense: is no instance id/),
  ]);
});

it('marks the place in its line', () => {
  const result = parseConfig(pair.replace('mode: repair', 'mode: divrt'), 'my.yaml');
  if (result.ok) throw new Error('accepted');
  expect(result.problems[0]!.frame).toBe('27 |     mode: divrt\n   |           ^^^^^');
});

it('finds the line through an alias, and marks a missing field by its group', () => {
  const text = pair.replace('  gw-a:\n', '  gw-a: &one\n').replace(/ {4}vpc: .*\n/, '');
  const result = parseConfig(text);
  if (result.ok) throw new Error('accepted');
  expect(result.problems[0]).toMatchObject({
    path: 'gateways.gw-a.vpc',
    frame: expect.stringMatching(/gw-a:.*\n.*\^\^\^\^$/),
  });
});

it('says what is written wrongly before what is missing: the one is often the cause of the other', () => {
  const [first] = said(
    'name: sb\nregion: eu-central-1\ngateways:\n  gw-a:\n    zone: eu-central-1a\n    instnce: i-0\n',
  );
  expect(first).toBe('gateways.gw-a.instnce: is unknown here: did you mean instance?');
});

it('says five things at most, and how many more there are', () => {
  const result = parseConfig(pair.replaceAll('subnet-', 'sn-').replaceAll('vpc-', 'v-'), 'my.yaml');
  if (result.ok) throw new Error('accepted');
  const { message } = new ConfigInvalid('my.yaml', result.problems);
  expect(result.problems.length).toBeGreaterThan(5);
  expect(message.match(/^ {2}\w.*line/gm)).toHaveLength(5);
  expect(message).toMatch(new RegExp(`\\n  and ${result.problems.length - 5} more$`));
});
