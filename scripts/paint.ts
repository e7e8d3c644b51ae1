/**
 * Measures the HTML report in Chromium beside an empty page, in one run: npm run test:html [-- FILE]. FILE is a
 * report; by default one of 3,500 changes in the shape of a real one. Exits 1 if the first paint takes more than three
 * times that of the empty page, or a keystroke in the search more than half of it; 2 without Chromium.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { htmlPage } from '../src/report/formats/html.ts';
import { wideReport } from '../test/report/formats/sample-report.ts';
import { chromiumPath, INSTALL_CHROMIUM, startChromium } from './chromium.ts';
import { CannotRun, script } from './debian/run.ts';

const RUNS = 11;
/** Rounds of runs before a report counts as slow: paints come with frames, and one lucky empty page spoils a round. */
const ROUNDS = 3;
const GOALS = { paint: 3, keystroke: 0.5 };
const EMPTY = '<!doctype html><html lang="en"><meta charset="utf-8"><title>empty</title><p>empty';

/** Time of the first paint in milliseconds, from the start of the navigation. */
const FIRST_PAINT = `new Promise((done) => new PerformanceObserver((list) => {
  const [entry] = list.getEntriesByName('first-contentful-paint');
  if (entry) done(entry.startTime);
}).observe({ type: 'paint', buffered: true }))`;

/** The longest of some keystrokes, layout included, in milliseconds. */
const KEYSTROKE = `Math.max(...['m', 'mo', 'module_7', 'module_7 0', ''].map((text) => {
  const begin = performance.now();
  search.value = text;
  search.dispatchEvent(new Event('input'));
  document.body.getBoundingClientRect();
  return performance.now() - begin;
}))`;

await script(async () => {
  if (chromiumPath === undefined) throw new CannotRun(INSTALL_CHROMIUM);
  const folder = mkdtempSync(join(tmpdir(), 'paint-'));
  const browser = await startChromium();
  try {
    const [empty, made] = ['empty.html', 'report.html'].map((name) => join(folder, name)) as [string, string];
    writeFileSync(empty, EMPTY);
    writeFileSync(made, htmlPage(wideReport(3500)));
    const report = process.argv[2] === undefined ? made : resolve(process.argv[2]);
    for (let round = 1; round < ROUNDS; round++) if (await compare(browser, empty, report)) return true;
    return await compare(browser, empty, report);
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
});

/** Opens both pages in turn, and takes the least time of each: what else the machine does can only add to it. */
async function compare(browser: Browser, empty: string, report: string): Promise<boolean> {
  const times = { empty: [] as number[], paint: [] as number[], keystroke: [] as number[] };
  for (let i = 0; i < RUNS; i++) {
    for (const file of [empty, report]) {
      const page = await browser.newPage();
      await page.goto(pathToFileURL(file).href);
      times[file === empty ? 'empty' : 'paint'].push(await page.evaluate<number>(FIRST_PAINT));
      if (file === report) {
        await page.locator('#results').waitFor();
        times.keystroke.push(await page.evaluate<number>(KEYSTROKE));
      }
      await page.close();
    }
  }
  const unit = Math.min(...times.empty);
  const results = (['paint', 'keystroke'] as const).map((name) => {
    const time = Math.min(...times[name]);
    const ratio = time / unit;
    const verdict = ratio <= GOALS[name] ? 'ok' : 'too slow';
    console.log(
      `${name}: ${time.toFixed(0)} ms, ${ratio.toFixed(2)} of an empty page's first paint of ${unit.toFixed(0)} ms (at most ${GOALS[name]}): ${verdict}`,
    );
    return ratio <= GOALS[name];
  });
  return results.every(Boolean);
}
