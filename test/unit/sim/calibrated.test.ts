/** Latencies that a site was measured by: read, refused with the field at fault, and drawn from. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hopsFrom } from '../../../cli/doctor/smoke/latency-file';
import { calibratedHops } from '../../../sim/calibrated';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'switchback-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(content: unknown): string {
  const file = path.join(folder, 'latency.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

it('reads what smoke writes', () => {
  const hops = hopsFrom([{ transition: [19, 21, 30, 0] }, { transition: [18], logToMetric: [] }]);
  expect(hops).toEqual({ transition: { p50: 19, p99: 30, samples: 5 } });
  const file = fileOf({ schema: 1, site: 'switchback', region: 'eu-central-1', at: '2026-01-05T00:00:00Z', hops });
  expect(calibratedHops(file)).toMatchObject({ transition: { p50: 19, p99: 30 } });
});

it.each<[string, unknown, RegExp]>([
  [
    'a hop that there is none of',
    { schema: 1, hops: { transitions: { p50: 1, p99: 2 } } },
    /hops\.transitions is no hop: one of ec2Read, /,
  ],
  [
    'a number below nothing',
    { schema: 1, hops: { transition: { p50: -3, p99: 2 } } },
    /hops\.transition\.p50 must be 1 or more/,
  ],
  [
    'a text',
    { schema: 1, hops: { transition: { p50: '20', p99: 30 } } },
    /hops\.transition\.p50 must be milliseconds, a number/,
  ],
  [
    'a field that is missing',
    { schema: 1, hops: { transition: { p50: 20 } } },
    /hops\.transition\.p99 must be milliseconds/,
  ],
  [
    'a tail below its middle',
    { schema: 1, hops: { transition: { p50: 20, p99: 10 } } },
    /hops\.transition\.p99 must not be below p50/,
  ],
  [
    'an hour',
    { schema: 1, hops: { dynamodb: { p50: 20, p99: 3_600_000 } } },
    /hops\.dynamodb\.p99 must be at most 60000/,
  ],
  ['another version', { schema: 2, hops: {} }, /schema must be 1: the file was written by another version/],
  ['no hops', { schema: 1 }, /hops must be a group of hops/],
  ['a list', [], /the file must be what `switchback smoke` wrote/],
  ['no JSON', 'schema: 1', /cannot be read, it is no JSON/],
])('refuses %s', (_, content, message) => {
  expect(() => calibratedHops(fileOf(content))).toThrow(message);
});

it('refuses a file that is not there', () => {
  expect(() => calibratedHops(path.join(folder, 'none.json'))).toThrow(/there is no such file: name the file/);
});
