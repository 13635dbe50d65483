/**
 * The local cloud is a house of its own: of ours it imports the reckoning of time, types included, and its rooms stand
 * on each other in one order. What is VPN about it stands in sim/, behind `local-cloud/world-port.ts`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '../..');

/** From the ground up; `.` holds clock, random, latency, the port to the world and what a service is. */
const floors = [
  ...['.', 'template', 'asl', 'iam', 'front'],
  ...['services/sns', 'services/sqs', 'services/events', 'services/alarms', 'services/lambda'],
  ...['services/dynamodb', 'services/ec2', 'services/ssm', 'services/stepfunctions'],
];
/** Wires all rooms; only the example imports it. */
const roof = 'local-cloud/local-cloud.ts';
const outside = ['core/words/time'];

const files = readdirSync(path.join(root, 'local-cloud'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('example/'))
  .map((file) => `local-cloud/${file}`);
const roomOf = (file: string): string => path.relative('local-cloud', path.dirname(file)) || '.';
const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const imports = files.flatMap((file) =>
  [...textOf(file).matchAll(/(?:from|import\() ?'(\.[^']*)'/g)].map(([, to]) => ({
    file,
    target: path.join(path.dirname(file), to!),
  })),
);
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

it('knows nothing of VPN', () => {
  const words = /\b(vpn|tunnels?|canary|canaries|switchback|strongswan|libreswan|failover|failback)\b/i;
  expect(files.filter((file) => words.test(textOf(file)))).toEqual([]);
});
