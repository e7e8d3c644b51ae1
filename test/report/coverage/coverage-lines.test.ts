import { expect, test } from 'vitest';
import type { JsonKeys } from '../../../src/inventory/json-devices.ts';
import { lineAnswerer } from '../../../src/report/coverage/coverage-lines.ts';
import { kernel } from '../../packaging/coverage/kernels.ts';

const kernels = [kernel('old', ['spi:lost gone', 'spi:kept kept']), kernel('new', ['spi:kept kept', 'spi:came fresh'])];
const answerer = (failing: readonly string[] = [], json?: JsonKeys) =>
  lineAnswerer(kernels, (kind) => failing.includes(kind), json);
const serves = (...modules: readonly string[]) => ({ state: 'module', modules, package: null });
const none = { state: 'none', modules: [], package: null };
const latin1 = (text: string) => Buffer.from(text).toString('latin1');
const utf8 = (text: string) => Buffer.from(text, 'latin1').toString();

test('lineAnswerer: a line is answered by itself, with its machine or count', () => {
  const told = (line: string) => JSON.parse(answerer()(line).text);
  expect(told('spi:lost')).toEqual({ modalias: 'spi:lost', answers: [serves('gone'), none] });
  expect(told('host: spi:kept\r')).toMatchObject({ machine: 'host', modalias: 'spi:kept' });
  expect(told('     12 spi:kept')).toMatchObject({ count: 12, modalias: 'spi:kept' });
  expect(answerer()('E: DEVNAME=/dev/sda')).toEqual({ text: '', fails: false });
  expect(answerer()('spi:lost').text.endsWith('}\n')).toBe(true);
});

test('lineAnswerer: fails by a change that counts, and by a kernel that does not serve the device if that does', () => {
  const fails = (line: string, ...failing: readonly string[]) => answerer(failing)(line).fails;
  expect([fails('spi:lost', 'lost'), fails('spi:lost', 'gained'), fails('spi:kept', 'lost')]).toEqual([
    true,
    false,
    false,
  ]);
  expect([fails('spi:came'), fails('spi:came', 'unserved'), fails('spi:kept', 'unserved')]).toEqual([
    false,
    true,
    false,
  ]);
});

test('lineAnswerer: what is not a device is shown with the reason, and is no failure', () => {
  const { text, fails, problem } = answerer(['lost', 'unserved'])(latin1('café au lait'));
  expect(JSON.parse(utf8(text))).toEqual({ text: 'café au lait', problem: 'does not identify a device' });
  expect([fails, problem!.code]).toEqual([false, 'unread-line']);
  expect(() => answerer()('Class:\t0200')).toThrow('--format ndjson answers each by itself');
});

test('lineAnswerer: a miswritten modalias, and one that libkmod refuses, has its problem', () => {
  const problem = (line: string) => JSON.parse(answerer()(line).text).problem;
  expect(problem('pci:v8086d10D3')).toContain('expected 8 upper-case hexadecimal digits');
  expect(problem('spi:[')).toContain('unpaired bracket');
  expect(problem('spi:kept')).toBeUndefined();
});

test('lineAnswerer: an object keeps what it has, and gains what it lacks', () => {
  const told = (line: string, key = 'id') => utf8(answerer([], { key })(line).text);
  expect(told(' {"n": 1.0, "id": "spi:kept"} ')).toBe(
    `{"n": 1.0, "id": "spi:kept","modalias":"spi:kept","answers":${JSON.stringify([serves('kept'), serves('kept')])}}\n`,
  );
  const again = JSON.parse(told('{"answers": 7, "modalias": "mine", "id": "spi:lost"}'));
  expect(again).toEqual({ answers: [serves('gone'), none], modalias: 'mine', id: 'spi:lost' });
  expect(answerer([], { key: 'id' })('  ')).toEqual({ text: '', fails: false });
});

test('lineAnswerer: an object without one modalias, or what is not JSON, is shown with the reason', () => {
  const problem = (line: string) => JSON.parse(answerer([], { key: 'id' })(line).text).problem;
  expect(problem('{"id": ["spi:a", "spi:b"]}')).toBe(
    "expected one modalias as 'id', as each line has one answer; found 2",
  );
  expect(problem('{"other": 1}')).toBe("expected a modalias as 'id'; found none");
  expect(problem('{')).toContain('expected a JSON object');
});
