/**
 * Stands in for node:assert in the bundle: yargs checks with it how its own methods are called, and loading it, with
 * the colours of its messages, takes 3 ms at every start.
 */
export function strictEqual(actual: unknown, expected: unknown, message?: string): void {
  if (!Object.is(actual, expected))
    throw new TypeError(message ?? `found ${String(actual)}, expected ${String(expected)}`);
}

export function notStrictEqual(actual: unknown, expected: unknown, message?: string): void {
  if (Object.is(actual, expected)) throw new TypeError(message ?? `found ${String(actual)}, expected anything else`);
}
