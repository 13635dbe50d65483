/** The bugs of `npm run mutations` are still bugs of this text: each edit's place is found exactly once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutations } from './mutations';

it.each(mutations)('finds where to make the bug: $name', ({ edits }) => {
  for (const { file, find } of edits) {
    const text = readFileSync(join(__dirname, '../..', file), 'utf8');
    expect([file, text.split(find).length - 1]).toEqual([file, 1]);
  }
});
