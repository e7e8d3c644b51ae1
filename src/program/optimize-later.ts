/**
 * V8's flags by its major version (Node 20 and 22) that let a function run longer before TurboFan optimizes it; the
 * defaults are 67,584 bytes of bytecode and 3,000 calls. A command runs for about a second, and optimizes so many
 * functions that it costs more than it saves. V8 13 is left as it is: Maglev compiles sooner, and for less.
 */
export const OPTIMIZE_LATER: Readonly<Record<string, string>> = {
  11: '--interrupt-budget=1000000',
  12: '--invocation-count-for-turbofan=12000',
};

/** Sets the flag of this V8; a version that is not listed may not know it and would print an error. */
export function optimizeLater(): void {
  const flag = OPTIMIZE_LATER[process.versions.v8.split('.', 1)[0]!];
  if (flag) process.getBuiltinModule('node:v8').setFlagsFromString(flag);
}
