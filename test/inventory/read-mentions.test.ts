import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonKeys } from '../../src/inventory/json-devices.ts';
import { readMentions } from '../../src/inventory/read-mentions.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'mentions-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** `machine count modalias` of each device, and the warnings. */
async function read(text: string, json?: JsonKeys) {
  const file = join(dir, 'inventory');
  writeFileSync(file, text, 'latin1');
  const devices: string[] = [];
  const diagnostics = await readMentions(file, {
    json,
    onDevice: ({ machine, count, modalias }) =>
      devices.push([machine === file ? 'FILE' : (machine ?? '-'), count ?? 1, modalias].join(' ')),
  });
  return { devices, warnings: diagnostics.map(({ line, message }) => `${line}: ${message}`) };
}

test('readMentions: a machine is the one that the line names, or the file; none where devices are counted', async () => {
  expect(await read('pci:a\n 3 pci:b\nweb1 pci:c\npci:a\n')).toEqual({
    devices: ['FILE 1 pci:a', '- 3 pci:b', 'web1 1 pci:c', 'FILE 1 pci:a'],
    warnings: [],
  });
});

test('readMentions: a recorded machine has its own name', async () => {
  const machine = { name: 'lab', devices: [{ attributes: { modalias: 'pci:a' } }] };
  expect(await read(`\n ${JSON.stringify(machine)}`)).toMatchObject({ devices: ['lab 1 pci:a'] });
});

test('readMentions: of NDJSON it takes members, lists, members of members, and machines', async () => {
  const lines = ['{"m":"pci:a","h":"web1"}', '{"m":["pci:b","pci:c"]}', '', '{"m":"pci:\u00e9","h":7}'];
  expect((await read(lines.join('\n'), { key: 'm', machineKey: 'h' })).devices).toEqual([
    'web1 1 pci:a',
    'FILE 1 pci:b',
    'FILE 1 pci:c',
    expect.stringMatching(/^7 1 pci:/),
  ]);
  const deep = '{"a":{"b/c":[{"m":"pci:a"}]}}';
  expect((await read(deep, { key: '/a/b~1c/0/m' })).devices).toEqual(['FILE 1 pci:a']);
});

test('readMentions: NDJSON and recorded machines are UTF-8, of which a modalias has the bytes', async () => {
  const utf8 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
  const name = 'platform:caf\u00e9\u20ac';
  expect((await read(utf8(JSON.stringify({ m: name })), { key: 'm' })).devices).toEqual([`FILE 1 ${utf8(name)}`]);
  const machine = { name: 'lab', devices: [{ attributes: { modalias: name } }] };
  expect((await read(utf8(JSON.stringify(machine)))).devices).toEqual([`lab 1 ${utf8(name)}`]);
  expect((await read(utf8(name))).devices).toEqual([`FILE 1 ${utf8(name)}`]);
});

test('readMentions: says what is wrong with the first line of NDJSON of each cause, and counts the others', async () => {
  const { devices, warnings } = await read('{"m":1}\n{"m":"pci:a"}\nnull\n{"m":\n{}\n[', { key: 'm' });
  expect([devices, warnings]).toEqual([
    ['FILE 1 pci:a'],
    [
      expect.stringMatching(
        /^1: '\{"m":1\}' does not identify a device \(nor do 2 others\); expected a modalias as 'm'; found 1$/,
      ),
      expect.stringMatching(/^4: '\{"m":' does not identify a device \(nor does 1 other\); expected a JSON object; /),
    ],
  ]);
  await expect(read('{"m":[]}', { key: 'm' })).rejects.toMatchObject({ code: 'no-devices', place: { line: 1 } });
  await expect(read('{"m":"x","h":{}}', { key: 'm', machineKey: 'h' })).rejects.toMatchObject({
    message: expect.stringContaining("machine's name as 'h'"),
  });
  await expect(read('', { key: 'm' })).rejects.toMatchObject({
    message: expect.stringContaining('empty; expected NDJSON'),
  });
});

test('readMentions quotes 60 characters of a line', async () => {
  const said = async (text: string) => (await read(`pci:a\n${text}\n`)).warnings[0];
  const line = `odd line ${'x'.repeat(51)}`;
  expect(await said(line)).toMatch(`2: '${line}' does not identify`);
  expect(await said(`${line}y`)).toMatch(`2: '${line}...' does not identify`);
});

test.each([
  [1, /expected modaliases, .* or udevadm info -e$/],
  [2, /; so it is with 1 other file$/],
  [3, /; so it is with 2 other files$/],
])('readMentions: of %i files of a directory with odd lines it says what the first has', async (count, message) => {
  const inside = mkdtempSync(join(dir, 'odd-'));
  for (let i = 0; i < count; i++) writeFileSync(join(inside, `${i}.txt`), 'pci:a\nodd line\n');
  const diagnostics = await readMentions(inside, { onDevice: () => {} });
  expect(diagnostics).toEqual([expect.objectContaining({ line: 2, message: expect.stringMatching(message) })]);
});

test('readMentions: takes no machine in JSON for one behind another line, and no carriage return', async () => {
  const machine = JSON.stringify({ devices: [{ attributes: { modalias: 'pci:b' } }] });
  const { devices } = await read(`odd line\n${machine}\npci:a\r\nweb1 pci:c\r\n`);
  expect(devices).toEqual(['FILE 1 pci:a', 'web1 1 pci:c']);
});

test('readMentions: reads a directory in the order of names, and fails as the first that has more than no device', async () => {
  const inside = mkdtempSync(join(dir, 'order-'));
  for (const name of ['c', 'a', 'b', '.d']) writeFileSync(join(inside, name), `pci:${name}\n`);
  const found: string[] = [];
  await readMentions(inside, { onDevice: ({ modalias }) => found.push(modalias) });
  expect(found).toEqual(['pci:a', 'pci:b', 'pci:c']);
  const failing = mkdtempSync(join(dir, 'failing-'));
  writeFileSync(join(failing, 'a'), '');
  const read = () => readMentions(failing, { onDevice: () => {} });
  await expect(read()).rejects.toMatchObject({ code: 'no-devices', place: { file: failing } });
  writeFileSync(join(failing, 'b'), 'x'.repeat(1_100_000));
  await expect(read()).rejects.toMatchObject({ code: 'line-too-long', place: { file: join(failing, 'b') } });
});
