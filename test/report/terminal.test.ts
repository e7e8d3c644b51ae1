import { expect, test } from 'vitest';
import { fold } from '../../src/report/terminal.ts';

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
