import type { Code } from '../../codes.ts';
import type { LintModule } from './lint-module.ts';
import type { LintItem } from './lint-rule.ts';

/** Finds the rows of which making the aliases says one of these. */
export function fromDiagnostics(...codes: readonly Code[]): (module: LintModule) => Iterable<LintItem> {
  return ({ diagnostics }) => {
    if (diagnostics.length === 0) return NOTHING;
    return diagnostics
      .filter(({ code }) => codes.includes(code))
      .map(({ message, table, row, pointer }) => ({
        message,
        ...(table === undefined ? {} : { table }),
        ...(row === undefined ? {} : { row }),
        ...(pointer === undefined ? {} : { pointer }),
      }));
  };
}

const NOTHING: readonly LintItem[] = [];
