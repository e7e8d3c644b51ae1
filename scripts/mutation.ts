/**
 * Changes the sources in small ways, one at a time, and shows which changes no test notices: npm run test:mutation
 * FOLDER [TESTS..] [-- -j N]. FOLDER is a folder or a file below src; its tests are those of the same folder below
 * test, and of the further folders TESTS, that start no program (one that has been built does not have the changes in
 * it) and are not costly. What a former run has found is used again where neither source nor tests have changed. Fails
 * below the least score, or where more has been set aside as making no difference than may be.
 */
import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { quickTests } from '../vitest.config.ts';
import { CannotRun, script } from './debian/run.ts';

const LEAST_SCORE = 85;
const MOST_SET_ASIDE = 5;

/** Huge inputs, and many random ones: seconds each, which hundreds of changes would multiply. */
const COSTLY = /\/(hostile-size|json-schema)\.test\.ts$/;

await script(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { concurrency: { type: 'string', short: 'j', default: String(availableParallelism()) } },
  });
  const [source = '', ...further] = positionals.map((path) => path.replace(/^(src|test)\/|\/+$/g, ''));
  const path = join('src', source);
  if (source === '' || !existsSync(path))
    throw new CannotRun(`expected a folder or a file below src, found '${source}'`);
  const whole = statSync(path).isDirectory();
  const folders = [whole ? source : dirname(source), ...further].map((folder) => join('test', folder, '/'));
  const tests = quickTests().filter((file) => folders.some((folder) => file.startsWith(folder)) && !COSTLY.test(file));
  if (tests.length === 0) throw new CannotRun(`no tests that start no program in ${folders.join(', ')}`);

  process.env.MUTATION_TESTS = tests.join('\n');
  const report = join('reports/mutation', source.replaceAll('/', '-').replace(/\.ts$/, ''));
  const mutants = await new Stryker({
    mutate: [whole ? `${path}/**/*.ts` : path],
    testRunner: 'vitest',
    vitest: { configFile: 'vitest.mutation.config.ts', related: true },
    coverageAnalysis: 'perTest',
    concurrency: Number(values.concurrency),
    incremental: true,
    incrementalFile: `${report}.json`,
    htmlReporter: { fileName: `${report}.html` },
    reporters: ['html', 'clear-text', 'progress-append-only'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    ignorePatterns: ['biome.json', 'dist', 'samples', 'coverage', 'reports'],
    timeoutMS: 5000,
    // There is none of this name: what Stryker would ask of the compiler, TypeScript 7 does not have, and nothing is
    // compiled here.
    tsconfigFile: 'tsconfig.mutation.json',
    disableTypeChecks: false,
    thresholds: { high: 100, low: LEAST_SCORE, break: null },
  }).runMutationTest();

  const count = (...statuses: readonly string[]) => mutants.filter(({ status }) => statuses.includes(status)).length;
  // A change that keeps a test file from loading fails it, as much as one that fails a test of it.
  const noticed = count('Killed', 'Timeout', 'RuntimeError');
  const [missed, aside] = [count('Survived', 'NoCoverage'), count('Ignored')];
  const score = percent(noticed, noticed + missed);
  const left = percent(aside, noticed + missed + aside);
  console.log(
    `${path}: ${noticed} of ${noticed + missed} changes noticed (${score} %), ${aside} set aside (${left} %)`,
  );
  return Number(score) >= LEAST_SCORE && Number(left) <= MOST_SET_ASIDE;
});

function percent(part: number, all: number): string {
  return ((100 * part) / Math.max(all, 1)).toFixed(1);
}
