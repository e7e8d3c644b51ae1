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

/** What it prints in a real shell, without the newlines at the end. */
function really(text: string, shell: string): string {
  const { stdout } = spawnSync(shell, ['-c', text], { encoding: 'latin1', input: '', env: { PATH: process.env.PATH } });
  return stdout.replace(/\n+$/, '');
}

/** Scripts of a file, each after a line of two percent signs. */
const scriptsOf = (name: string) =>
  readFileSync(new URL(name, import.meta.url), 'latin1')
    .replace(/\n$/, '')
    .split('\n%%\n');

const cases = [
  ...scriptsOf('language-posix.txt').flatMap((text) => BOTH.map((shell) => ({ shell, text }))),
  ...scriptsOf('language-bash.txt').map((text) => ({ shell: 'bash', text })),
];

test.each(cases)('shellProgram: prints what $shell prints: $text', ({ shell, text }) => {
  expect(printed(text, shell)).toBe(really(text, shell));
});
