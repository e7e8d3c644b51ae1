import { expect, test } from 'vitest';
import { type List, parseShell } from '../../../src/boot/shell/parse.ts';
import { shellTokens } from '../../../src/boot/shell/tokens.ts';

test('parseShell goes 60 levels deep', () => {
  const levels = (list: List): number => {
    const [first] = list;
    return first?.what.kind === 'group' ? 1 + levels(first.what.body) : 0;
  };
  const nested = (depth: number) => `${'{ '.repeat(depth)}:${' ;}'.repeat(depth)}`;
  expect([levels(parseShell(nested(60))), levels(parseShell(nested(80)))]).toEqual([60, 61]);
});

test('parseShell takes 50,000 commands, and one that shows that there are more', () => {
  expect(parseShell(':\n'.repeat(60_000)).length).toBe(50_000);
});

test('shellTokens reads 4 MiB', () => {
  const words = shellTokens(`#${'x'.repeat(4 * 1024 * 1024 - 4)}\nab`);
  expect(words.at(-1)).toMatchObject({ kind: 'word', parts: [{ kind: 'text', text: 'ab' }] });
  expect(shellTokens(`#${'x'.repeat(4 * 1024 * 1024 - 3)}\nab`).at(-1)).toMatchObject({ parts: [{ text: 'a' }] });
});
