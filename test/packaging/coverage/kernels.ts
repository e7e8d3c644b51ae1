import { tableSource } from '../../../src/lookup/alias-source.ts';
import { indexedSource } from '../../../src/lookup/pattern-sources.ts';
import { type CoverageKernel, coverageKernel } from '../../../src/packaging/coverage/kernel.ts';
import { rowsOfText } from '../../../src/pattern-index/pattern-rows-text.ts';
import { tableOfEntries } from '../../../src/pattern-index/pattern-table.ts';

/** What a kernel has besides the lines of its modules.alias. */
export interface KernelParts {
  /** Names of what is built in; undefined where the kernel does not tell. */
  readonly builtinNames?: readonly string[];
  /** Patterns of built-in drivers and their modules. */
  readonly builtin?: readonly (readonly [pattern: string, module: string])[];
  /** The package of each module. */
  readonly packages?: Readonly<Record<string, string>>;
}

/** A kernel with these aliases: `pattern module` each. */
export function kernel(name: string, aliases: readonly string[], parts: KernelParts = {}): CoverageKernel {
  const { builtin = [], builtinNames, packages } = parts;
  const table = tableOfEntries(builtin.map(([key, value]) => ({ key, value, priority: 0 })));
  const text = aliases.map((alias) => `alias ${alias}\n`).join('');
  return coverageKernel(name, {
    inputs: [name],
    release: null,
    loadable: tableSource(rowsOfText(Buffer.from(text))),
    ...(builtinNames
      ? { builtinNames: new Set(builtinNames), builtin: indexedSource('builtin', table, () => undefined) }
      : {}),
    names: new Set(aliases.map((alias) => alias.split(' ')[1]!)),
    ...(packages
      ? {
          packageOf: (module: string) =>
            packages[module] ? { name: packages[module], family: packages[module].replace(/-\d.*/, '') } : undefined,
        }
      : {}),
  });
}
