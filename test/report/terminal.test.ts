import { expect, test } from 'vitest';
import { fold, outputWidth, textOfBytes } from '../../src/report/terminal.ts';

test.each<[text: string | readonly string[], width: number, indent: string, lines: readonly string[]]>([
  ['ab cd ef', 8, '', ['ab cd ef']],
  ['ab cd ef', 7, '', ['ab cd', '  ef']],
  ['ab cd', 7, '  ', ['  ab cd']],
  ['ab cd', 6, '  ', ['  ab', '    cd']],
  [['a b', 'c d'], 7, '', ['a b c d']],
  [['a b', 'c d'], 6, '', ['a b', '  c d']],
  ['abcdefgh', 4, '', ['abcdefgh']],
])('fold: %j in %i columns after %j', (text, width, indent, lines) => {
  expect(fold(text, width, indent)).toEqual(lines);
});

test('fold fills a line to its last character, and keeps a text that fits whole', () => {
  expect(fold('aa bb cc', 8)).toEqual(['aa bb cc']);
  expect(fold('aa bb cc', 7)).toEqual(['aa bb', '  cc']);
  expect(fold('aa bb cc', 5, '', '')).toEqual(['aa bb', 'cc']);
  expect(fold('aa bb cc', 9, '  ')).toEqual(['  aa bb', '    cc']);
  expect(fold('aa bb cc', 10, '  ')).toEqual(['  aa bb cc']);
  expect(fold(['a b', 'c d e'], 6, '', '')).toEqual(['a b', 'c d e']);
  expect(fold(['a b', 'c d e'], 4, '', '')).toEqual(['a b', 'c d', 'e']);
});

test('textOfBytes reads UTF-8, and leaves bytes that are none as they stand', () => {
  expect(['caf\xc3\xa9', 'caf\xe9', 'cafe'].map(textOfBytes)).toEqual(['caf\u00e9', 'caf\xe9', 'cafe']);
});

test('outputWidth is that of the terminal up to 100 characters, 80 where it is not known', () => {
  const { columns } = process.stdout;
  const widths = [undefined, 0, 40, 100, 101, 300].map((width) => {
    process.stdout.columns = width as number;
    return outputWidth();
  });
  process.stdout.columns = columns;
  expect(widths).toEqual([80, 80, 40, 100, 100, 100]);
});
