/**
 * How much of the code is said in words: comment lines among all lines that are not empty. Field docs and one worked
 * example per rule, not a restating of the code. `npx jest test/tidy/comments` measures.
 */
import { filesUnder, textOf } from './sources';

function commentShare(folder: string): number {
  const text = filesUnder(folder, /\.ts$/).map(textOf).join('\n');
  const comments = text.match(/^[ \t]*(\/\*[\s\S]*?\*\/|\/\/.*)[ \t]*$/gm) ?? [];
  const linesOf = (part: string): number => part.split('\n').filter((line) => line.trim() !== '').length;
  return Math.round((100 * linesOf(comments.join('\n'))) / linesOf(text));
}

it.each([
  ['core', 18, 30],
  ['adapters', 12, 20],
  ['functions', 12, 20],
  ['infra', 11, 20],
  ['local-cloud', 9, 20],
  ['sim', 9, 20],
])('%s is explained by %i to %i of a hundred lines', (folder, min, max) => {
  const share = commentShare(folder);
  expect(share >= min && share <= max ? [] : [`${folder}: ${share} %`]).toEqual([]);
});

/** A comment that begins so leans on a noun that stands elsewhere, or nowhere. */
const headless = /^(One that|Whose|Of (a|an|the|its|those)|Those (that|who|of)|It is known|Whoever)\b/;
/** A few read well all the same. */
const headlessMax = 8;

it('begins few comments with a word whose noun is elsewhere', () => {
  const found = filesUnder('core', /\.ts$/).flatMap((file) =>
    [...textOf(file).matchAll(/(?:\/\*\*|\/\/) (.+)/g)].map(([, text]) => text!).filter((text) => headless.test(text)),
  );
  expect(found.length > headlessMax ? found : []).toEqual([]);
});
