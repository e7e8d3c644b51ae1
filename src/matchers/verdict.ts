import { needText } from '../arguments.ts';
import { ModaliasError, shortened } from '../errors.ts';
import { faultsOf, incomplete } from '../explain/incomplete.ts';
import type { Choice } from '../lookup/alias-index.ts';
import { normalizeAlias } from '../pattern/normalize.ts';
import { explanationText } from '../report/explanation-text.ts';
import { installedNames } from '../report/id-names.ts';
import { plain } from '../report/terminal.ts';
import type { Aliases } from './aliases-of.ts';

/** The outcome of a matcher, as Vitest's and Jest's `expect.extend` take it. */
export interface Verdict {
  readonly pass: boolean;
  /** Why it failed; with `pass`, why its negation did. */
  readonly message: () => string;
  readonly actual?: unknown;
  readonly expected?: unknown;
}

/** Columns of a message. */
const WIDTH = 100;

/** What `modalias explain` prints for a modalias: its fields, its candidates, and the closest patterns. */
export function explained({ index, isIndex }: Aliases, modalias: string, choice: Choice = {}): string {
  const { builtinPossible, ...rest } = index.explain(modalias, choice);
  // Of lists nobody expects the drivers that are built into a kernel.
  const explanation = isIndex && builtinPossible ? { ...rest, builtinPossible } : rest;
  return explanationText(explanation, installedNames(explanation), WIDTH).trimEnd();
}

/**
 * Throws `bad-argument` for a modalias that nothing matches because no device has it: it is truncated, or has a value
 * that its bus does not print. Behind `not` such a slip would pass for ever.
 */
export function needDevice(modalias: string): void {
  const faults = incomplete(normalizeAlias(modalias) ?? '');
  if (!faults) return;
  const message = `modalias: ${shown(modalias)} ${faultsOf(faults)}; expected what a device has in its modalias file`;
  throw new ModaliasError('bad-argument', message);
}

/** Throws `bad-argument` for anything but a text, and for the empty one: behind `not` it would pass for ever, too. */
export function needModalias(modalias: unknown): void {
  needText('modalias', modalias);
  if (modalias !== '') return;
  throw new ModaliasError('bad-argument', `modalias: is empty; expected what a device has in its modalias file`);
}

/** Characters of a modalias, an alias or a module that are shown: those of devices have fewer. */
const LONGEST = 400;

/** A modalias, an alias or a module for a message. */
export function shown(text: string): string {
  return shortened(text, LONGEST);
}

/** Lines that are listed; of more, only their number is. */
const LISTED = 20;

/** The first lines of a list, safe for a terminal, and how many more there are. */
export function listed(lines: readonly string[]): string[] {
  const more = lines.length - LISTED;
  return [...lines.slice(0, LISTED).map((line) => plain(shown(line))), ...(more > 0 ? [`and ${more} more`] : [])];
}

/** `1 pattern`, `2 patterns`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
