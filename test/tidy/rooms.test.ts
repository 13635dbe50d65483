/**
 * The rooms of core/: who stands on whom. A room imports only from rooms below it, and the arrows between rooms stay few
 * enough to be drawn on one page. `npx jest test/tidy/rooms` counts them.
 */
import path from 'node:path';
import { filesUnder, importsOf } from './sources';

/** From the ground up: docs/ARCHITECTURE.md, "The rooms of the core". */
const floors = ['words', 'facts', 'routes', 'store', 'gateways', 'assess', 'decide', 'remember', 'turn'];
const arrowsMax = 25;

const files = filesUnder('core', /\.ts$/);
const roomOf = (file: string): string => path.relative('core', path.dirname(file));

const arrows = new Map<string, string[]>();
for (const file of files) {
  for (const target of importsOf(file)) {
    if (roomOf(target) === roomOf(file)) continue;
    const arrow = `${roomOf(file)} -> ${roomOf(target)}`;
    arrows.set(arrow, [...(arrows.get(arrow) ?? []), `${file} -> ${target}.ts`]);
  }
}

it('has a floor for every room, and every file in a room', () => {
  expect([...new Set(files.map(roomOf))].sort()).toEqual([...floors].sort());
});

it('imports downwards only, so that there is no circle', () => {
  const upwards = [...arrows].filter(([arrow]) => {
    const [from, to] = arrow.split(' -> ').map((room) => floors.indexOf(room));
    return from! <= to!;
  });
  expect(upwards.flatMap(([, imports]) => imports)).toEqual([]);
});

it(`has at most ${arrowsMax} arrows between its rooms`, () => {
  const found = [...arrows.keys()].sort();
  expect(found.length > arrowsMax ? found : []).toEqual([]);
  // The walls are of use only while something goes through them.
  expect(found.length).toBeGreaterThan(10);
});
