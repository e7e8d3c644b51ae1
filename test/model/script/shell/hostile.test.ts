import { describe, expect, test } from 'vitest';
import { ModaliasError } from '../../../../src/errors.ts';
import type { Program } from '../../../../src/model/script/program.ts';
import { readProgram } from '../../../../src/model/script/read-program.ts';
import { runAlone, twoLikeNics } from '../machine.ts';

/** Milliseconds of processor time, which other work on the machine does not change. */
const LIMIT = 2500;

function milliseconds(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

/** How reading and running a script ends: its status, `lost` where it was not followed, or the code of the error. */
function outcome(text: string, name = 'x.sh'): string {
  let program: Program;
  try {
    program = readProgram(text, name);
  } catch (error) {
    if (error instanceof ModaliasError) return error.code;
    throw error;
  }
  const { status, lines } = runAlone(program, twoLikeNics());
  return status === null ? `lost: ${lines.at(-1)}` : `ends ${status}`;
}

const bytes = Array.from({ length: 1 << 20 }, (_, i) => String.fromCharCode((i * 7919 + (i >> 3)) % 256)).join('');

const lines = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

const CASES: readonly (readonly [name: string, text: string, ends: RegExp])[] = [
  ['10 MB of echo', 'echo 1 > /dev/null\n'.repeat(600_000), /^bad-script$/],
  ['500 kB of echo', 'echo 1 > /dev/null\n'.repeat(27_000), /^(?:ends 0|lost|bad-script)/],
  ['a line of 1 MB', `echo ${'a'.repeat(1e6)} > /sys/bus/pci/rescan\n`, /^(?:ends|lost)/],
  ['an endless loop', 'while :; do :; done', /^lost: .*on and on/],
  ['an endless loop that sleeps', 'until false; do sleep 1; done', /^lost: .*on and on/],
  ['an endless loop that looks', 'while [ ! -e /sys/bus/pci/devices/x ]; do sleep 1; done', /^lost: 1: read/],
  ['an endless loop of writes', 'while :; do echo 1 > /sys/bus/pci/rescan; done', /^lost: 1: "1\\n"/],
  ['endless recursion', 'f() { f; }; f', /^lost: .*calls within calls/],
  ['endless recursion by eval', 'x=\'eval "$x"\'; eval "$x"', /^lost: .*calls within calls/],
  ['endless recursion by substitution', 'f() { x=$(f); }; f', /^lost: .*calls within calls/],
  ['endless recursion by sh -c', 'export x=\'sh -c "$x"\'; sh -c "$x"', /^lost: .*calls within calls/],
  ['a text that doubles', 'x=aaaaaaaaaa; while :; do x=$x$x; done', /^lost: .*characters/],
  ['a capture that grows', 'x=$(while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done)', /^lost/],
  ['a list that grows', 'set -- a; while :; do set -- "$@" "$@"; done', /^lost/],
  ['an array that grows', 'x=(a); while :; do x+=("\u0024{x[@]}"); done', /^lost/],
  ['a file that grows', 'while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa >> /tmp/x; done', /^lost/],
  ['braces that multiply', 'echo {1..100}{1..100}{1..100}{1..100}', /^lost/],
  ['a long range', 'for i in {1..1000000000}; do :; done; for i in $(seq 1000000000); do :; done', /^lost/],
  ['substitutions nested 200,000 deep', '$('.repeat(200_000), /^bad-script$/],
  [
    'closed substitutions nested 200 deep',
    `echo ${'$(echo '.repeat(200)}${')'.repeat(200)}`,
    /^(?:bad-script|ends|lost)/,
  ],
  ['backquotes', '`'.repeat(100_001), /^bad-script$/],
  ['parameters nested 50,000 deep', `echo ${'${a:-'.repeat(50_000)}${'}'.repeat(50_000)}`, /^(?:bad-script|ends|lost)/],
  ['arithmetic nested 50,000 deep', `echo ${'$(('.repeat(50_000)}1${'))'.repeat(50_000)}`, /^(?:bad-script|ends|lost)/],
  ['subshells nested 100,000 deep', `${'('.repeat(100_000)}echo${')'.repeat(100_000)}`, /^bad-script$/],
  ['ifs nested 100,000 deep', 'if '.repeat(100_000), /^bad-script$/],
  ['50,000 commands in a pipeline', `${'cat|'.repeat(50_000)}cat`, /^(?:ends|lost|bad-script)/],
  ['50,000 commands after &&', `${'true&&'.repeat(50_000)}true`, /^(?:ends 0|lost)/],
  ['a pattern that backtracks', `case ${'a'.repeat(3000)} in ${'*a'.repeat(1000)}b) ;; esac`, /^ends 0/],
  ['a removal over a long text', `x=${'a'.repeat(20_000)}; echo \${x%%*b*c*d}`, /^(?:ends 0|lost)/],
  ['an expression that backtracks', `echo ${'a'.repeat(5000)} | grep -E "(a*)*b"`, /^lost/],
  ['a repeated expression', `echo ${'a'.repeat(5000)} | grep "a*a*a*a*a*b"`, /^lost/],
  ['[[ =~ ]] that backtracks', `[[ ${'a'.repeat(500)} =~ ^(a+)+$ ]]`, /^lost/],
  ['arithmetic with large numbers', 'x=9; while :; do x=$((x*x)); done', /^lost/],
  ['a shift by much', 'echo $((1 << 99999999)) $((2 ** 99999999))', /^lost/],
  ['a variable that names itself', 'x=x; echo $((x)); y=y; echo \u0024{!y}', /^(?:ends|lost)/],
  ['printf with a width', 'printf "%99999999999s" x', /^lost/],
  [
    'names of Object.prototype',
    '__proto__ x; constructor; toString; hasOwnProperty=1; echo \u0024{__proto__} \u0024{constructor:-x}',
    /^ends 0/,
  ],
  ['20,000 functions', `${lines(20_000, (i) => `f${i}() { :; }`)}\nf19999`, /^ends 0/],
  ['functions, each defined after a command', lines(20_000, (i) => `f${i}() { :; }; :`), /^lost: .*more than 1024/],
  ['40,000 variables', lines(40_000, (i) => `v${i}=`), /^lost: .*more than 1024 variables/],
  ['functions with such names', 'constructor() { echo a; }; constructor; echo() { :; }; echo', /^ends 0/],
  ['here-documents without end', 'cat <<A\n'.repeat(50_000), /^(?:bad-script|ends|lost)/],
  ['a NUL', 'echo a\0b', /^bad-script$/],
  ['random bytes', bytes, /^bad-script$/],
  ['random bytes without NUL', bytes.replaceAll('\0', ''), /^(?:bad-script|ends|lost)/],
  ['nothing', '', /^bad-script$/],
  ['only comments', '#!/bin/sh\n# nothing\n', /^ends 0/],
  ['a script that does not parse', 'if true; then echo', /^bad-script$/],
  [
    'exit within everything',
    'f() { for i in 1; do (while :; do exit 3; done); break; done; x=$(exit 2); return; }; f; echo $(exit 9)',
    /^ends 0/,
  ],
  ['a trap that traps', 'trap "trap \\"echo\\" EXIT; exit" EXIT', /^ends 0/],
];

describe('readProgram: hostile scripts get an answer or an error in time', () => {
  test.each(CASES)('%s', (_name, text, ends) => {
    const from = process.cpuUsage();
    expect(outcome(text)).toMatch(ends);
    expect(milliseconds(from)).toBeLessThan(LIMIT);
  });

  test.each([
    ['rules', 'x.rules', 'KERNEL=="*", RUN+="/bin/sh -c \'while :; do :; done\'"\n'.repeat(1000)],
    ['rules that do not parse', 'x.rules', '"=="'.repeat(100_000)],
    ['modprobe.d', 'x.conf', 'install a modprobe a; :(){ :; }\n'.repeat(2500)],
    ['modprobe.d with softdeps', 'x.conf', 'softdep a pre: a post: a\n'.repeat(10_000)],
    ['JSON', 'x.json', `{"steps": ${'['.repeat(100_000)}`],
    ['a plan that is none', 'x.json', '{"version": 1, "steps": [{"op": "constructor"}], "rollback": []}'],
  ])('%s', (_name, file, text) => {
    const from = process.cpuUsage();
    expect(outcome(text, file)).toMatch(/^(?:bad-\w+|too-deep|ends|lost)/);
    expect(milliseconds(from)).toBeLessThan(LIMIT);
  });
});
