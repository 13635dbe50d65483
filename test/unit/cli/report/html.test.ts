/** Nothing that comes from outside becomes anything but text. */
import { html, htmlText, inlined, jsonScript } from '../../../../cli/report/html';

it('keeps a text a text, in an element and in an attribute', () => {
  const text = `<b onclick="x('y')">&`;
  expect(htmlText(html`<p title="${text}">${text}</p>`)).toBe(
    '<p title="&lt;b onclick=&quot;x(&#39;y&#39;)&quot;&gt;&amp;">&lt;b onclick=&quot;x(&#39;y&#39;)&quot;&gt;&amp;</p>',
  );
});

it('takes what it made as it is, lists of it, numbers, and nothing for what is not there', () => {
  const items = ['a', '<'].map((one) => html`<li>${one}</li>`);
  expect(htmlText(html`<ul>${items}</ul>${0}${null}${undefined}${false}`)).toBe('<ul><li>a</li><li>&lt;</li></ul>0');
});

it('is not deceived by an object that says it is HTML', () => {
  const forged = JSON.parse('{"made of html":"<script>"}') as never;
  expect(() => htmlText(html`<p>${forged}</p>`)).toThrow();
});

it('spells out what turns the direction of writing, and leaves lines alone', () => {
  expect(htmlText(html`${'a\u202eb\nc'}`)).toBe('a\\u202eb\nc');
});

it('puts data where no text of it can end the element, and it reads back as it was', () => {
  const data = { text: '</script><!--\u2028' };
  const made = htmlText(jsonScript('d', data));
  expect(made.slice(0, -'</script>'.length)).not.toMatch(/<\/script|<!--/);
  expect(JSON.parse(made.replace(/^<script[^>]*>|<\/script>$/g, ''))).toEqual(data);
});

it('refuses a script of our own that would end its element from within', () => {
  expect(() => inlined('script', 'const a = "</script>";')).toThrow('cannot stand in a page');
});
