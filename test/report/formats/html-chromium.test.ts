import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, INSTALL_CHROMIUM, startChromium } from '../../../scripts/chromium.ts';
import { htmlPage } from '../../../src/report/formats/html.ts';
import { HOSTILE, manyResults, sampleReport, sampleResult } from './sample-report.ts';

if (chromiumPath === undefined) console.log(`The HTML report is not tested: ${INSTALL_CHROMIUM}`);

const COUNT = 3000;
const last = sampleResult({
  kind: 'gained',
  severity: 'note',
  bus: 'of',
  module: 'zzz',
  pattern: HOSTILE,
  message: HOSTILE,
  fingerprint: 'ffffffffffffffff',
  accepted: { reason: HOSTILE, until: '2027-01-31' },
});
/** Findings without patterns, of rules with long names. */
const RULES = ['dangling-link', 'unreadable-directory', 'variant-without-generic'].map(
  (id) => ({ id, severity: 'error', about: `what ${id} means, in modules.builtin.modinfo or elsewhere` }) as const,
);
const ofFiles = [
  { file: '/lib/modules/6.1/modules.alias', line: 7 },
  { file: 'linux.deb(./lib/modules/6.1/kernel/a.ko)' },
  { message: 'no file at all' },
].map((members, i) =>
  sampleResult({ kind: RULES[i]!.id, bus: null, pattern: null, fingerprint: `${i}`.repeat(16), ...members }),
);

/** The link that has the focus. */
const FOCUS = 'document.activeElement.getAttribute("href")';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe.skipIf(chromiumPath === undefined)('htmlPage in Chromium', () => {
  let browser: Browser;
  let folder: string;
  let url: string;
  let complaints: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'html-'));
    writeFileSync(join(folder, 'report.html'), htmlPage(sampleReport([...manyResults(COUNT - 1), last])));
    writeFileSync(join(folder, 'files.html'), htmlPage(sampleReport(ofFiles, { command: 'verify', kinds: RULES })));
    url = pathToFileURL(join(folder, 'report.html')).href;
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    expect(complaints).toEqual([]);
  });

  /** Opens the report; what the console says, and every request but for the page, is a complaint. */
  async function open(options: BrowserContextOptions = {}, hash = '', at = url): Promise<Page> {
    complaints = [];
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })).newPage();
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => complaints.push(dialog.message()));
    page.on('request', (request) => {
      if (!request.url().startsWith(at)) complaints.push(request.url());
    });
    await page.goto(at + hash);
    if (options.javaScriptEnabled !== false) await page.locator('#results').waitFor();
    return page;
  }

  const cells = (page: Page, place: number) => page.locator(`#body .c${place}`).allTextContents();
  const countOf = (page: Page) => page.locator('#count').textContent();

  test('search: keeps the rows that have every word, in any column or detail', async () => {
    const page = await open();
    expect(await countOf(page)).toBe(`${COUNT} of ${COUNT}`);
    await page.locator('#search').pressSequentially('Module_7 000007');
    expect(await countOf(page)).toBe(`6 of ${COUNT}`);
    expect(new Set(await cells(page, 3))).toEqual(new Set(['module_7']));
    await page.locator('#search').fill('retired');
    expect([await countOf(page), await cells(page, 3)]).toEqual([`0 of ${COUNT}`, []]);
    await page.locator('#search').fill('');
    expect(await countOf(page)).toBe(`${COUNT} of ${COUNT}`);
  });

  test('filter: kind and bus apply together, and with the search', async () => {
    const page = await open();
    await page.getByLabel('kind', { exact: true }).selectOption('moved');
    expect(await countOf(page)).toBe(`1000 of ${COUNT}`);
    await page.getByLabel('bus', { exact: true }).selectOption('usb');
    expect(await countOf(page)).toBe(`500 of ${COUNT}`);
    expect(new Set(await cells(page, 2))).toEqual(new Set(['usb']));
    await page.locator('#search').fill('module_1');
    expect(await countOf(page)).toBe(`120 of ${COUNT}`);
  });

  test('sort: by a column, up and then down, kinds by how bad they are', async () => {
    const page = await open();
    const head = page.locator('#table th', { hasText: 'module' });
    await head.getByRole('button').click();
    expect([await head.getAttribute('aria-sort'), (await cells(page, 3))[0]]).toEqual(['ascending', 'module_0']);
    await head.getByRole('button').click();
    expect([await head.getAttribute('aria-sort'), (await cells(page, 3))[0]]).toEqual(['descending', 'zzz']);
    await page.locator('#table th', { hasText: 'kind' }).getByRole('button').click();
    expect([await head.getAttribute('aria-sort'), (await cells(page, 0))[0]]).toEqual(['none', 'lost']);
  });

  test('window: any row can be scrolled to, and only those in view are in the document', async () => {
    const page = await open();
    await page.locator('#box').evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await page.locator('#body .c3', { hasText: 'zzz' }).waitFor();
    expect(await page.locator('#body tr').last().getAttribute('aria-rowindex')).toBe(String(COUNT + 1));
    expect(await page.locator('#body tr').count()).toBeLessThan(100);
    const place = await page.locator('#body .c3', { hasText: 'zzz' }).boundingBox();
    const box = await page.locator('#box').boundingBox();
    expect(place!.y + place!.height).toBeLessThanOrEqual(box!.y + box!.height + 1);
  });

  test('details: a click on a row opens them, Escape closes them and returns to the row', async () => {
    const page = await open();
    await page.locator('#body tr').nth(2).locator('.c3').click();
    await page.getByRole('dialog').waitFor();
    expect(await page.evaluate('location.hash')).toBe('#0000000000000002');
    expect(await page.getByRole('dialog').innerText()).toMatch(/^module\n+module_2$/m);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.evaluate('location.hash')).toBe('');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.evaluate(FOCUS)).toBe('#0000000000000002');
  });

  test('links: an address with a fingerprint opens that row, and its texts stay texts', async () => {
    const page = await open({}, '#ffffffffffffffff');
    await page.getByRole('dialog').waitFor();
    const told = await page.locator('#list dd').allTextContents();
    expect(told).toContain(HOSTILE);
    expect(told).toContain(`${HOSTILE} (until 2027-01-31)`);
    expect(await page.locator('img').count()).toBe(0);
    await page.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => page.evaluate('location.hash')).toBe('');
    expect(await page.evaluate(FOCUS)).toBe('#ffffffffffffffff');
  });

  test('keyboard: reaches search, list, rows and details without a mouse', async () => {
    const page = await open();
    await page.locator('#search').focus();
    let focus: string | null = null;
    for (let i = 0; i < 20 && focus === null; i++) {
      await page.keyboard.press('Tab');
      focus = await page.evaluate<string | null>(FOCUS);
    }
    expect(focus).toBe('#0000000000000000');
    const at = () => page.evaluate<string>(FOCUS);
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp']) await page.keyboard.press(key);
    expect(await at()).toBe('#0000000000000001');
    await page.keyboard.press('End');
    expect(await at()).toBe('#ffffffffffffffff');
    await page.keyboard.press('Home');
    await page.keyboard.press('PageDown');
    expect(Number.parseInt((await at()).slice(1), 16)).toBeGreaterThan(5);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });

  test('without scripts the summary reads and says where the list is', async () => {
    const page = await open({ javaScriptEnabled: false });
    const text = await page.locator('body').innerText();
    for (const part of ['By kind', 'By bus', 'By vendor', 'Intel Corporation', '--format markdown'])
      expect(text).toContain(part);
    expect(await page.locator('#search').isVisible()).toBe(false);
  });

  test('print: paper has every row that the filters leave', async () => {
    const page = await open();
    await page.locator('#search').fill('module_7 ');
    const [shown] = (await countOf(page))!.split(' ');
    await page.evaluate('dispatchEvent(new Event("beforeprint")), 0');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('#body tr').count()).toBe(Number(shown));
    expect(await page.locator('#search').isVisible()).toBe(false);
    expect(await page.locator('#box').evaluate((box) => box.scrollHeight - box.clientHeight)).toBeLessThanOrEqual(1);
  });

  test('findings of files: stand under the name of the file, in a list no higher than they are', async () => {
    const page = await open({}, '', url.replace('report.html', 'files.html'));
    expect(await page.locator('#table th.c4').innerText()).toBe('pattern or file');
    expect(await cells(page, 4)).toEqual(['modules.alias:7', 'a.ko', 'no file at all']);
    expect(await page.locator('#box').evaluate((box) => box.clientHeight)).toBe(4 * 32);
    await page.locator('#body a').first().click();
    expect(await page.locator('#title').innerText()).toBe('modules.alias:7');
  });

  test.each([[1280], [390]])('findings of files: nothing of them is cut off, %i pixels wide', async (width) => {
    const page = await open({ viewport: { width, height: 844 } }, '', url.replace('report.html', 'files.html'));
    const overflow = (selector: string) =>
      page
        .locator(selector)
        .evaluateAll((all) => all.map((one) => one.scrollWidth - one.clientWidth).filter((over) => over > 0));
    expect(await overflow('.scroll')).toEqual([]);
    expect(await page.locator('.sums').first().locator('tbody tr:visible').count()).toBe(3);
    if (width > 1000) expect(await overflow('#table .kind')).toEqual([]);
  });

  test.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['a telephone', { viewport: { width: 390, height: 844 } }],
  ] as const)(
    'axe: has nothing to say in %s, with the details open or not; nothing is wider than the screen',
    async (_, options) => {
      const page = await open(options);
      await page.evaluate(axe);
      const violations = () =>
        page.evaluate<string>(
          'axe.run().then((r) => r.passes.length + " " + r.violations.map((v) => v.id + " " + v.nodes[0].target).join())',
        );
      expect(await violations()).toMatch(/^[2-9]\d $/);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      await page.locator('#body a').first().click();
      expect(await violations()).toMatch(/^[1-9]\d $/);
    },
  );
});
