/** One meaning a name: a type that two files export under one name means two things to whoever reads both. */
import { sources, textOf } from './sources';

/** local-cloud/ is a house of its own, in AWS's words. */
const product = sources.filter((file) => !/^(local-cloud|test|examples)\//.test(file));

const exported = new Map<string, string[]>();
for (const file of product)
  for (const [, name] of textOf(file).matchAll(/^export (?:interface|type|class|abstract class) ([A-Z]\w*)/gm))
    exported.set(name!, [...(exported.get(name!) ?? []), file]);

it('gives no two exported types one name', () => {
  const twice = [...exported].filter(([, files]) => files.length > 1);
  expect(Object.fromEntries(twice)).toEqual({});
  expect(exported.size).toBeGreaterThan(200);
});
