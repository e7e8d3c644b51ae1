import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/**
 * A test file with one of these starts programs (the built command line, depmod, gcc, shells), fails at every write
 * in turn, or reads what was built.
 */
const SLOW =
  /'node:child_process'|'dist\/|\/(bundle|chromium|cli|compile-c|github-steps|depmod|fault-run|libkmod|vfio-command)\.ts'/;

/** Costly files of what changes least, each with a mode of its own: `npm test` leaves them out, CI runs all. */
const APART: Readonly<Record<string, string>> = {
  browser: join('test', 'report', 'formats', 'html-chromium.test.ts'),
  recipes: join('test', 'recipes.test.ts'),
};

/** What other programs, the checkout or the model alone decide, whatever Node runs them: `--mode nodes` leaves it out. */
const SAME_ON_EVERY_NODE = [
  'architecture',
  'binding-table',
  'commands/completion',
  'lookup/libkmod',
  'lookup/libkmod-config',
  'man-pages',
  'model/script/shell/language',
  'packaging/depmod',
  'pattern/fnmatch',
  'style',
].map((name) => join('test', `${name}.test.ts`));

const testFiles = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((file) => join('test', file))
  .filter((file) => file.endsWith('.test.ts'));

const isQuick = (file: string) => !SLOW.test(readFileSync(file, 'utf8'));

/** The test files that need nothing but the sources, for `--mode quick`. */
export function quickTests(): string[] {
  return testFiles.filter(isQuick);
}

export default defineConfig(({ mode }) => ({
  test: {
    include: mode === 'quick' ? quickTests() : [APART[mode] ?? 'test/**/*.test.ts'],
    exclude: mode in APART ? [] : [...Object.values(APART), ...(mode === 'nodes' ? SAME_ON_EVERY_NODE : [])],
    globalSetup: mode === 'quick' || mode === 'browser' ? [] : ['test/global-setup.ts'],
    // To start a program copies the page tables of who starts it: processes of their own are small.
    pool: 'forks',
    // One copy of the sources in each process: to load them anew for each file takes longer than most files' tests.
    isolate: false,
    // By itself Vitest leaves one core to other work, which is half of a machine with two. Tests that wait for a
    // program take one more.
    maxWorkers: availableParallelism() + 1,
    // Only for what hangs: beside other work a test may take many times as long as alone.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    coverage: { include: ['src/**'], reporter: ['text', 'html'] },
  },
}));
