/** The whole page: its policy, and what hostile texts make of it. In a browser: test/report/. */
import { createHash } from 'node:crypto';
import { reportOf } from '../../../../cli/report/build';
import { pageOf } from '../../../../cli/report/page';
import { hostileSource, source } from './given';

const files = { script: 'const a = 1;', style: 'p { margin: 0 }' };
const page = pageOf(reportOf(source), files);

it('allows its own script and style by their digests, and nothing else', () => {
  const digest = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll('&#39;', "'");
  expect(policy).toBe(
    `default-src 'none'; script-src '${digest(files.script)}'; style-src '${digest(files.style)}'; img-src data:; base-uri 'none'; form-action 'none'`,
  );
  expect(page.match(/<script>([^<]*)<\/script>/)![1]).toBe(files.script);
  expect(page.match(/<style>([^<]*)<\/style>/)![1]).toBe(files.style);
});

it('names nothing outside itself', () => {
  expect(page.match(/(?:src|href)="(?!data:,")[^"]*"/g)).toBeNull();
  expect(page).not.toMatch(/\sstyle="|\son[a-z]+="/);
});

it('makes nothing but text out of what others wrote', () => {
  const attacked = pageOf(reportOf(hostileSource), files);
  const tags = (text: string): string[] => [...new Set(text.match(/<\/?[a-z!][a-z0-9-]*/gi))].sort();
  expect(attacked).toContain('evil.example');
  const strange = tags(attacked).filter((tag) => !tags(page).includes(tag));
  expect(strange).toEqual([]);
  expect(attacked.match(/<script/g)).toHaveLength(2);
  expect(attacked).not.toMatch(/<img|\u202e/);
});

it('shows who was told what, as it was sent, and what was tried and not sent', () => {
  const untold = { ...source.record.notices[0]!, isSent: false };
  const said = pageOf(reportOf({ ...source, record: { ...source.record, notices: [untold] } }), files);
  expect(page).toContain('<strong>Traffic moved to b</strong>');
  expect(page).not.toContain('not sent');
  expect(said).toContain('not sent');
});
