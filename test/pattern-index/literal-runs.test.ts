import { expect, test } from 'vitest';
import { literalRuns } from '../../src/pattern-index/literal-runs.ts';
import { PatternTableBuilder } from '../../src/pattern-index/pattern-table.ts';

function runsOf(pattern: string): string[] {
  const builder = new PatternTableBuilder(1, 16);
  const module = builder.module('m');
  builder.add(Buffer.from('before*'), 0, 7, module, 0);
  builder.add(Buffer.from(pattern, 'latin1'), 0, pattern.length, module, 0);
  builder.add(Buffer.from('after'), 0, 5, module, 0);
  const table = builder.finish();
  const into: number[] = [];
  const count = literalRuns(table, 1, into);
  const runs: string[] = [];
  for (let k = 0; k < count; k += 2) runs.push(Buffer.from(table.bytes).toString('latin1', into[k], into[k + 1]));
  return runs;
}

test.each([
  ['no wildcard: no stretch after it', 'pci:v00008086', []],
  ['the literal start is none', 'usb:v1234p*', []],
  ['between stars', 'usb:v1234p*d*dc*', ['d', 'dc']],
  ['up to the end', 'of:N*T*Cfsl,imx6q_uart', ['T', 'Cfsl,imx6q_uart']],
  ['a question mark ends one', 'a?bc?d', ['bc', 'd']],
  ['a bracket stands for one byte', 'a*b[0-9]cd', ['b', 'cd']],
  ['a negated bracket too', 'a*b[!0-9]cd', ['b', 'cd']],
  ['a first `]` belongs to the bracket, where it ends is left open', 'a*b[]x]cd', ['b']],
  ['so with a negated one', 'a*b[!]x]cd', ['b']],
  ['a bracket with a bracket in it is left open', 'a*b[[:digit:]]cd', ['b']],
  ['a bracket with a backslash in it is left open', 'a*b[\\]x]cd', ['b']],
  ['a bracket that never closes is left open', 'a*b[cd', ['b']],
  ['an escaped byte begins a stretch', 'a*b\\*cd', ['b', '*cd']],
  ['an escaped backslash too', 'a*\\\\b', ['\\b']],
  ['a backslash at the end gives none', 'a*bc\\', ['bc']],
  ['stars side by side', 'a**b', ['b']],
])('literalRuns: %s: %s', (_rule, pattern, runs) => {
  expect(runsOf(pattern)).toEqual(runs);
});

test('literalRuns writes over what an earlier call left and answers with the numbers of its own', () => {
  const builder = new PatternTableBuilder(2, 32);
  const module = builder.module('m');
  for (const pattern of ['a*b*c*d', 'a*b']) builder.add(Buffer.from(pattern), 0, pattern.length, module, 0);
  const table = builder.finish();
  const into: number[] = [];
  expect(literalRuns(table, 0, into)).toBe(6);
  expect(literalRuns(table, 1, into)).toBe(2);
  expect(into.slice(0, 2)).toEqual([9, 10]);
});
