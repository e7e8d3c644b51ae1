import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** What a command prints on a terminal, by script(1) of util-linux; undefined without that. */
function onTerminal(...args: readonly string[]): string | undefined {
  const line = [process.execPath, resolve('dist/cli.js'), ...args].map((word) => `'${word}'`).join(' ');
  const run = spawnSync('script', ['-qec', line, '/dev/null'], {
    encoding: 'latin1',
    input: '',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  return run.error ? undefined : run.stdout.replaceAll('\r', '');
}

test('lookup on a terminal says which answer is for which input, and what has none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'modalias-terminal-'));
  const modules = join(folder, 'modules.alias');
  writeFileSync(modules, 'alias a* one\n');
  const shown = onTerminal('lookup', '-m', modules, 'ab', 'none:x');
  if (shown !== undefined) {
    expect(shown).toMatch(/^ab\s+one\nnone:x\s+-\n$/);
    expect(onTerminal('lookup', '-m', modules, 'ab')).toBe('one\n');
    expect(onTerminal('lookup', '-m', modules, '--modprobe', 'ab', 'ac')).toBe('one\none\n');
    expect(onTerminal('lookup', '-m', modules, 'platform:x')).toBe("modalias: note: no module serves 'platform:x'\n");
  }
  rmSync(folder, { recursive: true });
});
