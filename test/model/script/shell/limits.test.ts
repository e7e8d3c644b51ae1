import { expect, test } from 'vitest';
import { ModaliasError } from '../../../../src/errors.ts';
import { readProgram } from '../../../../src/model/script/read-program.ts';
import { runAlone, twoLikeNics } from '../machine.ts';

const machine = twoLikeNics();

/** Whether a script is followed to its end; why not, where it is not. */
function followed(text: string, name = 'x.sh'): true | string {
  try {
    const { status, lines } = runAlone(readProgram(text, name), machine);
    return status !== null || lines.at(-1)!;
  } catch (error) {
    if (error instanceof ModaliasError) return error.message;
    throw error;
  }
}

const a = (count: number) => 'a'.repeat(count);
const lines = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

test.each<[what: string, most: number, script: (count: number) => string]>([
  ['words', 20_000, (count) => `for i in ${'a '.repeat(count - 20_000)} {1..10000} {1..10000}; do break; done`],
  ['numbers of a range', 10_000, (count) => `: {1..${count}}`],
  ['characters in which a pattern is looked for', 4096, (count) => `x=${a(count)}; : \${x%b}`],
  ['characters of a text', 65_536, (count) => `x=${a(count)}`],
  [
    'variables that name each other',
    50,
    (count) => `${lines(count, (i) => `v${i + 1}=v${i + 2}`)}\nv${count}=1\n: $((v1))`,
  ],
  ['lines that are written to sysfs', 1000, (count) => `printf '${'1\\n'.repeat(count)}' > /sys/bus/pci/rescan`],
  ['variables', 1017, (count) => lines(count, (i) => `v${i}=`)],
  ['characters of which four repetitions share', 100, (count) => `echo ${a(count)} | grep -E "a*a*a*a*"`],
  ['characters of an expression', 200, (count) => `echo a | grep -E "${a(count)}" || :`],
  ['calls within calls', 499, (count) => `f() { [ $1 = 0 ] || f $(($1-1)); }; f ${count}`],
  ['characters of a script', 1_048_576, (count) => `#${a(count - 1)}`],
])('readProgram: a shell script is followed up to the limit of %s', (_what, most, script) => {
  expect(followed(script(most))).toBe(true);
  expect(followed(script(most + 1))).toMatch(/^1: unread |^\d+: unread |expected at most 1048576$/);
});

test('readProgram: braces make 10,000 words of one', () => {
  expect(followed(': {1..100}{1..100}')).toBe(true);
  expect(followed(': {1..100}{1..101}')).toMatch(/unread/);
});

test('readProgram: 200 characters of a command that is not read are reported', () => {
  expect(followed(`: ${a(300)} \${!x}`)).toMatch(/unread : a{198}: /);
});

test('readProgram: a file of modprobe.d has 1,000 lines about modules', () => {
  const read = (count: number) => () =>
    readProgram(
      lines(count, (i) => `softdep m${i} pre: a`),
      'x.conf',
    );
  expect(read(1000)).not.toThrow();
  expect(read(1001)).toThrow(/found 1001 lines about modules, expected at most 1000/);
});
