/** What waits for a person, in words: never the key that memory keeps it under. */
import { askText, shortText } from '../../../../core/words/told-kinds';

it.each([
  ['dark/office', 'users of office get no answers'],
  ['severe/office', 'users of office hardly get through'],
  ['slow/office', 'users of office wait longer than usual'],
  ['brake/none', 'no path works'],
  ['manual/office', 'someone moved routes of office'],
  ['a-newer-kind/x', 'a-newer-kind/x'],
])('%s: %s', (key, text) => {
  expect(askText(key)).toBe(text);
});

it.each([
  ['repair/abc', 'a repair runs'],
  ['repair/abc/done', 'a repair is done'],
  ['repair/abc/drain', 'a speaker drains its path'],
  ['repair/abc/undrain', 'a speaker takes traffic again'],
])('a subject says of %s: %s', (key, text) => {
  expect(shortText(key)).toBe(text);
});
