/**
 * The local cloud is a house of its own: of ours it imports the reckoning of time, types included, and its rooms stand
 * on each other in one order. What is VPN about it stands in sim/, behind `local-cloud/world-port.ts`.
 */
import path from 'node:path';
import { filesUnder, importsOf, textOf } from './sources';

/** From the ground up; `.` holds clock, random, latency, the port to the world and what a service is. */
const floors = [
  ...['.', 'template', 'asl', 'iam', 'front'],
  ...[
    'services/sns',
    'services/sqs',
    'services/iam',
    'services/sts',
    'services/events',
    'services/alarms',
    'services/lambda',
    'services/s3',
    'services/route53',
  ],
  ...['services/dynamodb', 'services/ec2', 'services/ssm', 'services/stepfunctions', 'services/scheduler'],
];
/** Wires all rooms; only the example imports it. */
const roof = 'local-cloud/local-cloud.ts';
const outside = ['core/words/time'];

const files = filesUnder('local-cloud', /\.ts$/).filter((file) => !file.startsWith('local-cloud/example/'));
const roomOf = (file: string): string => path.relative('local-cloud', path.dirname(file)) || '.';

const imports = files.flatMap((file) => importsOf(file).map((target) => ({ file, target })));
const isInside = (target: string): boolean => target.startsWith('local-cloud/');

it('imports nothing of ours but time', () => {
  const others = imports.filter(({ target }) => !isInside(target) && !outside.includes(target));
  expect(others).toEqual([]);
  expect(imports.length).toBeGreaterThan(200);
});

it('has a floor for every room', () => {
  expect([...new Set(files.map(roomOf))].sort()).toEqual([...floors].sort());
});

it('imports downwards only, so that there is no circle between its rooms', () => {
  const upwards = imports.filter(({ file, target }) => {
    if (!isInside(target) || file === roof) return false;
    const [from, to] = [roomOf(file), roomOf(target)].map((room) => floors.indexOf(room));
    return `${target}.ts` === roof || from! < to!;
  });
  expect(upwards).toEqual([]);
});

/** Site-to-Site VPN is a service of EC2's, with calls, ids and metrics that bear its name. */
const awsOwn = ['local-cloud/site-to-site.ts', 'local-cloud/services/ec2/vpn-calls.ts'];
const awsNames = /vpn-(calls|connection|gateway)|\bvpn: |AWS\/VPN|VPN metrics|'vpn'/g;

it('knows nothing of VPN but what EC2 offers of it', () => {
  const ours = /\b(canary|canaries|switchback|strongswan|libreswan|failover|failback)\b/i;
  const words = /\b(vpn|tunnels?)\b/i;
  expect(files.filter((file) => ours.test(textOf(file)))).toEqual([]);
  const others = files.filter((file) => !awsOwn.includes(file));
  expect(others.filter((file) => words.test(textOf(file).replace(awsNames, '')))).toEqual([]);
});
