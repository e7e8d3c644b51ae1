/** One word of the kernel's command line: `NAME` or `NAME=VALUE`, as kernel/params.c:next_arg splits them. */
export interface Parameter {
  readonly name: string;
  /** Null where there is no `=`. */
  readonly value: string | null;
}

/** A kernel command line, and where it is written. */
export interface CommandLine {
  readonly text: string;
  readonly file: string;
  readonly line: number | null;
}

/** Longest command line of any architecture (COMMAND_LINE_SIZE is 2,048 on x86, 4,096 on others). */
const LONGEST = 4096;

/**
 * The parameters for the kernel and its modules: what follows `--` is for init. Quotes group words with blanks and
 * disappear (lib/cmdline.c:next_arg).
 */
export function parameters(text: string): Parameter[] {
  const found: Parameter[] = [];
  for (const [word] of text.slice(0, LONGEST).matchAll(/(?:"[^"]*"?|[^\s"])+/g)) {
    if (word === '--') break;
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    found.push({
      name: name.replaceAll('"', ''),
      value: equals < 0 ? null : word.slice(equals + 1).replaceAll('"', ''),
    });
  }
  return found;
}

/** The values of a parameter that may be given several times and holds a list, such as `module_blacklist=a,b`. */
export function listOf(all: readonly Parameter[], name: string): string[] {
  return all.flatMap((one) => (one.name === name && one.value !== null ? one.value.split(',') : [])).filter(Boolean);
}
