import type { Diagnostic } from '../errors.ts';
import type { Match } from '../match/match.ts';

/** A match, as each document of an answer has it. */
export function matchMember({ module, pattern, source, priority }: Match) {
  return { module, pattern, source, priority };
}

/** A diagnostic, as each document has it. What it lacks is undefined, which JSON leaves out. */
export function diagnosticMember(diagnostic: Diagnostic) {
  const { code, severity, message, file, offset, line, pointer, module, table, row } = diagnostic;
  return { code, severity, message, file, offset, line, pointer, module, table, row };
}
