import { expect, test } from 'vitest';
import { compareLines } from '../../src/alias/compare-lines.ts';

test.each<[what: string, old: string, made: string, gained: readonly string[], lost: readonly string[]]>([
  ['lines that only one has', 'alias a m\nalias b m\n', 'alias b m\nalias c m\n', ['alias c m'], ['alias a m']],
  ['in the order of the text that has them', 'd\nb\n', 'z\ny\n', ['z', 'y'], ['d', 'b']],
  ['no other order and no repeats', 'a\nb\n', 'b\na\nb\n', [], []],
  ['no comments of either kind and no empty lines', '# old\n\na\n', '/* m */\na\n\n# new\n', [], []],
  ['no other line endings', 'a\r\nb\r\n', 'a\nb', [], []],
  ['what only looks like a comment further on', 'a\n', 'a\nb # c\nb /* c\n', ['b # c', 'b /* c'], []],
])('compareLines counts %s', (_what, old, made, gained, lost) => {
  expect(compareLines(old, made)).toEqual({ gained, lost });
});
