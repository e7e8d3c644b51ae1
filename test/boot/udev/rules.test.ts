import { expect, test } from 'vitest';
import { rulesOf } from '../../../src/boot/udev/rules.ts';

test('rulesOf joins lines that end in a backslash, skips comments between them, and names the first', () => {
  const text = '# one\n\nACTION=="add", \\\n# two\n  ENV{A}="b", \\\n  RUN+="x"\nKERNEL=="y", NAME="z"\n';
  const { rules, unread } = rulesOf(text, 'a.rules');
  expect(rules.map(({ line, text }) => `${line}: ${text}`)).toEqual([
    '3: ACTION=="add", ENV{A}="b", RUN+="x"',
    '7: KERNEL=="y", NAME="z"',
  ]);
  expect(unread).toEqual([]);
});

test('rulesOf tells matches from assignments, IMPORT and PROGRAM among the matches', () => {
  const [rule] = rulesOf(
    'SUBSYSTEM=="pci", ATTR{x}!=i"Y", IMPORT{program}="p", PROGRAM="q", ENV{a}="1", RUN+="r"',
    'f',
  ).rules;
  const shown = (token: { readonly key: string; readonly operator: string; readonly value: string }) =>
    `${token.key}${token.operator}${token.value}`;
  expect(rule!.matches.map(shown)).toEqual(['SUBSYSTEM==pci', 'ATTR!=Y', 'IMPORT=p', 'PROGRAM=q']);
  expect(rule!.matches.map(({ ignoreCase }) => ignoreCase)).toEqual([false, true, false, false]);
  expect(rule!.assigns.map(shown)).toEqual(['ENV=1', 'RUN+=r']);
});

test('rulesOf gives back what is not a rule, with its line', () => {
  expect(rulesOf('KERNEL=="a"\nKERNEL==a\nwhat\n', 'f')).toMatchObject({
    rules: [{ line: 1 }],
    unread: [
      { line: 2, text: 'KERNEL==a' },
      { line: 3, text: 'what' },
    ],
  });
});

test('rulesOf reads lines of 1 MiB, as udev does, and quotes 200 characters of a longer one', () => {
  const of = (length: number) => rulesOf(`KERNEL=="${'x'.repeat(length - 10)}"`, 'f');
  expect([of(1_048_576).rules.length, of(1_048_576).unread.length]).toEqual([1, 0]);
  expect(of(1_048_577)).toMatchObject({ rules: [], unread: [{ text: `KERNEL=="${'x'.repeat(191)}` }] });
});
