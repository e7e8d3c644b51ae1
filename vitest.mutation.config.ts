import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { defineConfig } from 'vitest/config';

let vitest: Vitest;

/**
 * Stryker looks at tests only: a test file that a change keeps from loading has none, and would pass for one that
 * noticed nothing.
 */
const brokenFiles: Reporter = {
  onInit(started) {
    vitest = started;
  },
  onTestModuleEnd(module: TestModule) {
    for (const error of module.errors()) vitest.state.catchError(error, 'Load Error');
  },
};

/**
 * The test files that scripts/mutation.ts names. Those that are run for a change load the sources once, together; for
 * the next change all is loaded anew, for what runs when a file is loaded can be changed too.
 */
export default defineConfig({
  test: {
    include: process.env.MUTATION_TESTS?.split('\n') ?? [],
    testTimeout: 60_000,
    isolate: false,
    reporters: [brokenFiles],
  },
});
