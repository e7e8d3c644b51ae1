import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { printDiagnostics } from '../../src/command-line/output.ts';
import type { Diagnostic } from '../../src/errors.ts';

let written = '';
beforeEach(() => {
  written = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const said = (...diagnostics: readonly Partial<Diagnostic>[]) => {
  written = '';
  printDiagnostics(diagnostics.map((one) => ({ code: 'bad-value', severity: 'warning', message: 'm', ...one })));
  return written.replaceAll(/\x1b\[\d+m/g, '');
};

test('printDiagnostics gives severity, place, module, table, row and message, one line each', () => {
  expect(said({ severity: 'error', file: 'f', line: 3 }, { severity: 'note' })).toBe(
    'modalias: error: f:3: m\nmodalias: note: m\n',
  );
  expect(said({ module: 'a', table: 't', row: 0 }, { row: 1 })).toBe(
    'modalias: warning: a, table t, row 0: m\nmodalias: warning: row 1: m\n',
  );
  expect(said()).toBe('');
});

test('printDiagnostics shows what moves the cursor, starts a line or is invisible as its number', () => {
  const shown = ['\n', '\x1b', '\x7f', '\x9b', '\xad', '\u202e', '\u2028', '\u2029', '\u{e0001}'].map((char) =>
    said({ message: `a${char}b` }).slice('modalias: warning: a'.length, -2),
  );
  expect(shown).toEqual(['\\x0a', '\\x1b', '\\x7f', '\\x9b', '\\xad', '\\u202e', '\\u2028', '\\u2029', '\\ue0001']);
  expect(said({ message: 'a\u0600b' })).toContain('a\\u0600b');
});
