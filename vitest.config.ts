import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/**
 * A test file with one of these starts programs (the built command line, depmod, gcc, shells), fails at every write
 * in turn, or reads what was built.
 */
const SLOW = /'node:child_process'|'dist\/|\/(bundle|cli|compile-c|depmod|fault-run|libkmod|vfio-command)\.ts'/;

/** The test files that need nothing but the sources, for `--mode quick`. */
export function quickTests(): string[] {
  const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).map((file) => join('test', file));
  return files.filter((file) => file.endsWith('.test.ts') && !SLOW.test(readFileSync(file, 'utf8')));
}

export default defineConfig(({ mode }) => ({
  test: {
    include: mode === 'quick' ? quickTests() : ['test/**/*.test.ts'],
    globalSetup: mode === 'quick' ? [] : ['test/global-setup.ts'],
    pool: 'threads',
    isolate: mode !== 'quick',
    // By itself Vitest leaves one core to other work, which is half of a machine with two. Tests that wait for a
    // program take one more.
    maxWorkers: availableParallelism() + 1,
    // Only for what hangs: beside other work a test may take many times as long as alone.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    coverage: { include: ['src/**'], reporter: ['text', 'html'] },
  },
}));
