import { describe, expect, test } from 'vitest';
import { configLines, configWords } from '../../src/config/config-lines.ts';

describe('configLines', () => {
  test.each([
    ['a b\nc\n', ['a b', 'c']],
    ['a b\nlast', ['a b', 'last']],
    ['a \\\nb\nc', ['a b', 'c']],
    ['# no\na # yes\n\n \n', ['a # yes', ' ']],
    ['alias esc\\*lit one', ['alias esc*lit one']],
    ['esq\\\\*lit', ['esq\\*lit']],
    ['cut\0here\nnext', ['cut', 'next']],
    ['end\\', ['end']],
    ['a\r\n', ['a\r']],
    ['', []],
  ])('configLines reads %j as freadline_wrapped does', (text, expected) => {
    expect(configLines(text).map((l) => l.text)).toEqual(expected);
  });

  test('configLines numbers a joined line by its last physical line', () => {
    expect(configLines('one\ntwo \\\nthree\nfour')).toEqual([
      { text: 'one', line: 1 },
      { text: 'two three', line: 3 },
      { text: 'four', line: 4 },
    ]);
  });
});

test('configWords splits at spaces and tabs and at nothing else', () => {
  expect(configWords(' \tsearch  a\tb\r ')).toEqual(['search', 'a', 'b\r']);
});
