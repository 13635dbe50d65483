/**
 * HTML as a tagged template: whatever is put in is text and stays text, unless this module made it. Nothing that comes
 * from outside (a reason, a name, an error of AWS) can become a tag, an attribute or a script, or turn the direction of
 * writing.
 *
 *     html`<p title="${reason}">${list.map((one) => html`<b>${one}</b>`)}</p>`
 *
 * Attributes must be written in double quotes. There is no way to put text into a `<script>` but `jsonScript`.
 */
import { harmlessLines } from '../../core/words/malformed';

const made = Symbol('made of html');

/** HTML that is safe to put into a page as it is. */
export interface Html {
  readonly [made]: string;
}

type Part = Html | string | number | null | undefined | false | readonly Part[];

export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { [made]: texts.map((text, i) => text + (i < parts.length ? partText(parts[i]) : '')).join('') };
}

export const nothing: Html = { [made]: '' };

/** The page's text. */
export const htmlText = (page: Html): string => page[made];

/** Data for a script of the page, in an element that no browser runs. */
export function jsonScript(id: string, value: unknown): Html {
  // `</script>` and `<!--` would end the element from within; as JSON the escapes mean the same.
  const json = JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return { [made]: `<script type="application/json" id="${escaped(id)}">${json}</script>` };
}

/** One of this package's own files. Throws for one that would end its element from within. */
export function inlined(element: 'script' | 'style', text: string): Html {
  if (new RegExp(`</${element}|<!--`, 'i').test(text))
    throw new Error(`this ${element} cannot stand in a page as it is`);
  return { [made]: `<${element}>${text}</${element}>` };
}

function partText(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return String(part);
  if (made in part) return (part as Html)[made];
  return (part as readonly Part[]).map(partText).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => harmlessLines(text).replace(/[&<>"']/g, (sign) => entities[sign]!);
