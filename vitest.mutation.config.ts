import { defineConfig } from 'vitest/config';

/** The test files that scripts/mutation.ts names, each in surroundings of its own, for what runs when a file is loaded can be changed too. */
export default defineConfig({
  test: { include: process.env.MUTATION_TESTS?.split('\n') ?? [], testTimeout: 60_000 },
});
