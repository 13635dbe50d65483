/**
 * Reports in a real browser: nothing is written to its console, no request leaves the page, WCAG AA holds in light and in
 * dark, a phone need not scroll sideways. `npm run -s test:report`; where there is no Chromium it says so and passes.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { ensureBundles, ensureReportPage } from '../../cli/bundles';
import { note } from '../../cli/operate/report-local';
import { reportOf } from '../../cli/report/build';
import { builtPage, pageOf } from '../../cli/report/page';
import { play } from '../../sim/playback';
import { hostileSource } from '../unit/cli/report/given';

const places = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = places.find((place) => place !== '' && existsSync(place));
if (executablePath === undefined)
  process.stderr.write('!!! NO CHROMIUM HERE: no report was looked at (apt-get install chromium, or set CHROMIUM)\n');
const inBrowser = executablePath === undefined ? describe.skip : describe;

/** A move and its way back, users dark and a brake, work that was asked for, a command that is refused. */
const scenarios = ['gateway-stopped', 'both-down', 'planned-maintenance', 'wrong-command'];
const looks = [
  { colorScheme: 'light', width: 1_200 },
  { colorScheme: 'dark', width: 1_200 },
  { colorScheme: 'light', width: 360 },
  { colorScheme: 'dark', width: 360 },
] as const;

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

inBrowser('a report', () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchback-report-'));
  const files = new Map<string, string>();
  let browser: Browser;

  beforeAll(async () => {
    ensureBundles();
    ensureReportPage();
    for (const name of scenarios) {
      const file = join(folder, `${name}.html`);
      await playInto(name, file);
      files.set(name, file);
    }
    const hostile = join(folder, 'hostile.html');
    writeFileSync(hostile, pageOf(reportOf(hostileSource), builtPage()));
    files.set('hostile', hostile);
    // The sandbox wants rights that a container seldom has; the pages are ours.
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  describe.each([...scenarios, 'hostile'])('of %s', (name) => {
    it.each(looks)(
      'is quiet, stays at home and can be read, $colorScheme, $width px',
      async ({ colorScheme, width }) => {
        const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 }, bypassCSP: false });
        const page = await context.newPage();
        const heard = listen(page);
        await page.goto(`file://${files.get(name)}`);
        expect(await page.locator('.verdict').count()).toBe(1);
        expect(await sideways(page)).toBe(0);
        await page.evaluate(() => {
          for (const one of document.querySelectorAll('details')) one.open = true;
        });
        expect(await sideways(page)).toBe(0);
        expect(await violations(page)).toEqual([]);
        expect(heard).toEqual([]);
        await context.close();
      },
    );
  });

  it('draws what canaries measured, and zooms all of it at once', async () => {
    const page = await browser.newPage({ viewport: { width: 1_200, height: 800 } });
    await page.goto(`file://${files.get('gateway-stopped')}`);
    expect(await page.locator('.plot canvas').count()).toBe(2);
    const drawn = await page.locator('.plot canvas').evaluateAll((all) =>
      all.map((one) => {
        const canvas = one as HTMLCanvasElement;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        return new Set(data).size > 20;
      }),
    );
    expect(drawn).toEqual([true, true]);
    const overlay = page.locator('.overlay line').first();
    const before = await overlay.getAttribute('x1');
    await page.getByRole('button', { name: '1: around the divert' }).click();
    expect(await overlay.getAttribute('x1')).toBe('50%');
    await page.getByRole('button', { name: 'Whole incident' }).click();
    expect(Number.parseFloat((await overlay.getAttribute('x1'))!)).toBeCloseTo(Number.parseFloat(before!), 1);
    await page.close();
  });

  it('says all of it without its script, and on paper', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`file://${files.get('gateway-stopped')}`);
    expect(await page.locator('noscript').isVisible()).toBe(true);
    expect(await page.locator('.lane').count()).toBeGreaterThan(4);
    const paper = await page.pdf({ format: 'A4' });
    expect(paper.subarray(0, 5).toString()).toBe('%PDF-');
    await context.close();
  });
});

async function playInto(name: string, file: string): Promise<void> {
  let noted: ReturnType<typeof note> | undefined;
  const { result } = await play(name, 7, (cloud) => {
    noted = note(cloud);
  });
  expect(await noted!.write(result, file)).toBe(`report: ${file}`);
}

/** Whatever the page says to its console, and whatever it asks for from anywhere. */
function listen(page: Page): string[] {
  const heard: string[] = [];
  page.on('console', (message) => heard.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => heard.push(error.message));
  page.on('dialog', (dialog) => heard.push(`dialog: ${dialog.message()}`));
  page.on('request', (request) => {
    if (!/^(file|data):/.test(request.url())) heard.push(`request: ${request.url()}`);
  });
  return heard;
}

/** How far the page is wider than the window. */
const sideways = (page: Page): Promise<number> =>
  page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth));

/** WCAG 2.2 AA, as far as a program can tell. Evaluated from outside the page, whose policy allows no other script. */
async function violations(page: Page): Promise<string[]> {
  const results = (await page.evaluate(
    `${axe}; axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
  )) as AxeResults;
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}
