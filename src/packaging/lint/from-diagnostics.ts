import type { Code } from '../../codes.ts';
import type { LintRule } from './lint-rule.ts';

/** A rule for rows of which making the aliases says this. */
export function fromDiagnostics(code: Code): LintRule['module'] {
  return function* ({ diagnostics }) {
    for (const { code: found, message, table, row, pointer } of diagnostics)
      if (found === code)
        yield {
          message,
          ...(table === undefined ? {} : { table }),
          ...(row === undefined ? {} : { row }),
          ...(pointer === undefined ? {} : { pointer }),
        };
  };
}
