import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { configJsonSchema } from '../../../../scripts/json-schema.ts';
import type { ModaliasError } from '../../../../src/errors.ts';
import { parseLintConfig } from '../../../../src/packaging/lint/config/lint-config.ts';

const bySchema = new Ajv2020({ strict: false }).compile(configJsonSchema());
const ENTRY = { rule: 'of-only', severity: 'off', reason: 'loaded by the initramfs' };
const textOf = (...rules: readonly unknown[]) => JSON.stringify({ version: 1, rules });

test('parseLintConfig: reads entries with their lines', () => {
  const text = `{"$schema": "x", "version": 1, "rules": [\n${JSON.stringify(ENTRY)},\n{"module": "a-*", "bus": "spi", "pattern": "spi:*", "rule": "class-mask", "severity": "note", "reason": "r"}]}`;
  expect(parseLintConfig(text, 'c.json')).toEqual({
    file: 'c.json',
    rules: [
      { ...ENTRY, line: 2 },
      { module: 'a-*', bus: 'spi', pattern: 'spi:*', rule: 'class-mask', severity: 'note', reason: 'r', line: 3 },
    ],
  });
  expect(bySchema(JSON.parse(text))).toBe(true);
});

describe('parseLintConfig: names every fault with its place, and the JSON Schema refuses the same', () => {
  test.each([
    ['[]', ' found an array, expected an object {version, rules}'],
    ['{"version":2,"rules":[]}', '/version found 2, expected 1, the version of the format that is known here'],
    ['{"version":1}', " 'rules' is missing; expected it here"],
    ['{"version":1,"rules":{}}', '/rules found an object, expected an array of entries'],
    [
      '{"version":1,"rules":[],"extends":0}',
      "/extends found an unknown member 'extends', expected $schema, version, rules",
    ],
    [textOf({ ...ENTRY, rule: 'of-onyl' }), '/rules/0/rule found "of-onyl", expected a rule of lint'],
    [textOf({ ...ENTRY, severity: 'ignore' }), '/rules/0/severity found "ignore", expected error, warning, note, off'],
    [textOf({ ...ENTRY, reason: ' ' }), '/rules/0/reason found " ", expected the reason for it'],
    [textOf({ rule: 'of-only', severity: 'off' }), "/rules/0 'reason' is missing; expected it here"],
    [textOf({ ...ENTRY, module: '' }), '/rules/0/module found "", expected a text that is not empty'],
    [textOf({ ...ENTRY, path: 'a' }), "/rules/0/path found an unknown member 'path', expected rule, severity, "],
    [
      textOf({ ...ENTRY, modul: 'a' }),
      "/rules/0/modul found an unknown member 'modul', expected rule, severity, module, bus, pattern, reason; did you mean 'module'?",
    ],
    [textOf(1), '/rules/0 found 1, expected an object {rule, severity, module, bus, pattern, reason}'],
    [textOf({ ...ENTRY, rule: 'unused-acceptance', bus: 'pci' }), '/rules/0 found an object, expected no module, bus'],
  ])('%s', (text, problem) => {
    expect(bySchema(JSON.parse(text))).toBe(false);
    let told = 'nothing';
    try {
      parseLintConfig(text, 'c.json');
    } catch (error) {
      const { problems } = error as ModaliasError;
      told = problems.map(({ pointer, message, line }) => `${line}: ${pointer} ${message}`).join('\n');
    }
    expect(told).toContain(`1: ${problem}`);
  });

  test('a member that valibot would leave out', () => {
    const problem = { code: 'unknown-field', message: expect.stringContaining("unknown member '__proto__'") };
    expect(() => parseLintConfig('{"version":1,"rules":[],"__proto__":1}', 'c.json')).toThrow(
      expect.objectContaining(problem),
    );
  });

  test('text that is not JSON, and the line of it', () => {
    const place = { code: 'bad-json', place: expect.objectContaining({ file: 'c.json', line: 2 }) };
    expect(() => parseLintConfig('{"version": 1,\n"rules": [}', 'c.json')).toThrow(expect.objectContaining(place));
    expect(() => parseLintConfig('['.repeat(100_000), 'c.json')).toThrow('c.json');
    expect(() => parseLintConfig(`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'c.json')).toThrow(
      'expected an object',
    );
  });
});

test('parseLintConfig: suggests the rule that a misspelt one may mean', () => {
  expect(() => parseLintConfig(textOf({ ...ENTRY, rule: 'of-onyl' }), 'config')).toThrow("did you mean 'of-only'?");
});
