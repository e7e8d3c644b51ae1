import { aliasesOf } from './aliases-of.ts';
import { explained, needDevice, needModalias, shown, type Verdict } from './verdict.ts';

/** Whether one of the patterns matches a modalias; see `ModaliasMatchers.toMatchModalias`. */
export function matchesModalias(received: unknown, modalias: string): Verdict {
  needModalias(modalias);
  const aliases = aliasesOf('received', received);
  const found = aliases.index.lookup(modalias);
  const pass = found.length > 0;
  if (!pass) needDevice(modalias);
  const key = shown(modalias);
  const asked = pass ? `no pattern to match ${key}, found ${shown(found[0]!.pattern)}` : `a pattern to match ${key}`;
  return { pass, message: () => `expected ${asked}\n\n${explained(aliases, modalias)}` };
}
