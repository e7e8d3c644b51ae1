import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { shellProgram } from '../../../../src/model/script/shell-program.ts';
import { runAlone, twoLikeNics } from '../machine.ts';

const BOTH = ['bash', 'dash'] as const;

/** What a text prints in this interpreter; null where it was not followed. */
function printed(text: string, shell: string): string | null {
  const script = `#!/bin/${shell}\nout=$(${text}\n)\nprintf '%s' "$out" > /sys/bus/pci/rescan\n`;
  const { events, status } = runAlone(shellProgram(script, 'x'), twoLikeNics());
  const writes = events.flatMap((event) => (event.kind === 'write' ? [event.data] : []));
  return status === null ? null : writes.join('');
}

/** Starts a shell of its own for each text, and ends what each prints with a NUL. */
const ONE_BY_ONE = 'shell=$1; shift; for text; do "$shell" -c "$text" < /dev/null; printf "\\0"; done';

/**
 * What texts print in a real shell, without the newlines at the end. A small process starts the shells: to start them
 * from here takes ten times as long.
 */
function really(texts: readonly string[], shell: string): Map<string, string> {
  const args = ['-c', ONE_BY_ONE, 'dash', shell, ...texts];
  const { stdout } = spawnSync('dash', args, { encoding: 'latin1', input: '', env: { PATH: process.env.PATH } });
  const printed = stdout.split('\0').slice(0, -1);
  expect(printed).toHaveLength(texts.length);
  return new Map(texts.map((text, i) => [text, printed[i]!.replace(/\n+$/, '')]));
}

/** Scripts of a file, each after a line of two percent signs. */
const scriptsOf = (name: string) =>
  readFileSync(new URL(name, import.meta.url), 'latin1')
    .replace(/\n$/, '')
    .split('\n%%\n');

const posix = scriptsOf('language-posix.txt');
const texts = { dash: posix, bash: [...posix, ...scriptsOf('language-bash.txt')] };
const cases = BOTH.flatMap((shell) => texts[shell].map((text) => ({ shell, text })));
const known = { dash: really(texts.dash, 'dash'), bash: really(texts.bash, 'bash') };

test.each(cases)('shellProgram: prints what $shell prints: $text', ({ shell, text }) => {
  expect(printed(text, shell)).toBe(known[shell].get(text));
});
