import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { htmlPage } from '../../../src/report/formats/html.ts';
import { HOSTILE, manyResults, sampleReport, sampleResult } from './sample-report.ts';

test('htmlPage: loads nothing, and its policy allows its own style and script only', () => {
  const page = htmlPage(sampleReport(manyResults(30)));
  expect(page).not.toMatch(/\b(src|href)="|url\(|@import/);
  const [, policy] = /Content-Security-Policy" content="([^"]+)"/.exec(page)!;
  const allowed = [...policy!.matchAll(/sha256-([^&]+)&#39;/g)].map(([, hash]) => hash);
  const texts = [/<style>([\s\S]*?)<\/style>/, /<script>([\s\S]*?)<\/script>/].map((part) => part.exec(page)![1]!);
  expect(allowed).toEqual(texts.map((text) => createHash('sha256').update(text).digest('base64')));
  expect(policy).toContain('default-src &#39;none&#39;');
});

test('htmlPage: texts stay texts', () => {
  const hostile = sampleResult({
    message: HOSTILE,
    pattern: HOSTILE,
    module: HOSTILE,
    bus: HOSTILE,
    names: { vendor: HOSTILE, device: HOSTILE },
    details: [[HOSTILE, HOSTILE]],
  });
  const page = htmlPage(sampleReport([hostile], { title: HOSTILE, lists: [[HOSTILE, [HOSTILE]]] }));
  expect(page).not.toContain('<img');
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  const [, data] = /id="rows">([\s\S]*?)<\/script>/.exec(page)!;
  expect(JSON.parse(data!).rows[0][4]).toBe(HOSTILE);
});

test('htmlPage: the summary reads without scripts: kinds, buses and vendors with their counts', () => {
  const page = htmlPage(sampleReport(manyResults(30)));
  const [summary] = page.split('<section id="results"');
  const rowOf = (name: string) =>
    new RegExp(`<tr>(?:(?!</tr>)[\\s\\S])*>${name}<[\\s\\S]*?</tr>`).exec(summary!)![0].replace(/<[^>]+>/g, ' ');
  expect(rowOf('moved')).toMatch(/ 10 .*another module serves them now/);
  expect(rowOf('usb')).toMatch(/ 15 .* 5 lost, 5 moved, 5 gained /);
  expect(rowOf('Intel Corporation')).toMatch(/ 10 .* 4 lost, 3 moved, 3 gained /);
  expect(summary).toContain('modules gone (1)');
});

test('htmlPage: what a kind is about is there once, not in each row', () => {
  const page = htmlPage(sampleReport(manyResults(30).slice(0, 10)));
  expect(page.match(/no module serves them any more/g)).toHaveLength(2);
  const [, data] = /id="rows">([\s\S]*?)<\/script>/.exec(page)!;
  const { rows, abouts } = JSON.parse(data!);
  expect([abouts.lost, ...rows[0][7]].join('')).toBe('no module serves them any more (e1000e -> none)');
});

test('htmlPage: buses and vendors after the twelfth share a row', () => {
  const results = manyResults(30).map((result, i) => ({ ...result, names: { vendor: `Vendor ${i}`, device: null } }));
  expect(htmlPage(sampleReport(results))).toContain('<th scope="row">18 others</th>');
});

test('htmlPage: without results there is no list', () => {
  const page = htmlPage(sampleReport([]));
  expect(page).toContain('Nothing found.');
  expect(page).not.toContain('<script');
});

test('htmlPage: 30,000 rows make less than 15 MB, 3,500 less than 2 MB', () => {
  expect(htmlPage(sampleReport(manyResults(3500))).length).toBeLessThan(2e6);
  expect(htmlPage(sampleReport(manyResults(30_000))).length).toBeLessThan(15e6);
});
