import type { ArithmeticCommand, ArithmeticExpression, Case, Command, For, Redirection, TestCommand } from 'unbash';
import type { Source } from './source.ts';

/** Index of an instruction, known once its place is reached. */
export interface Label {
  at: number;
}

/**
 * An instruction. `guarded`: a failure does not end the script under `set -e`, as in the condition of an `if`. `pos` is
 * where it stands in the source's text.
 */
export type Op = { readonly pos: number } & (
  | { readonly op: 'command'; readonly node: Command; readonly guarded: boolean }
  | { readonly op: 'test'; readonly node: TestCommand; readonly guarded: boolean }
  | { readonly op: 'arithmetic'; readonly node: ArithmeticCommand; readonly guarded: boolean }
  | { readonly op: 'evaluate'; readonly node: ArithmeticExpression | undefined }
  | { readonly op: 'jump'; readonly to: Label }
  /** Jumps where the last status is success (or failure). */
  | { readonly op: 'branch'; readonly success: boolean; readonly to: Label }
  | { readonly op: 'not' }
  | { readonly op: 'status'; readonly value: number }
  | { readonly op: 'loop'; readonly end: Label; readonly again: Label }
  | { readonly op: 'leave' }
  | { readonly op: 'for'; readonly node: For; readonly end: Label; readonly again: Label }
  | { readonly op: 'next'; readonly name: string; readonly end: Label }
  | { readonly op: 'case'; readonly node: Case; readonly to: readonly Label[]; readonly end: Label }
  | { readonly op: 'redirect'; readonly nodes: readonly Redirection[]; readonly end: Label }
  | { readonly op: 'restore' }
  | { readonly op: 'subshell'; readonly end: Label }
  /** A part of a pipeline: its input is what the part before wrote, its output goes to the part after. */
  | {
      readonly op: 'pipe';
      readonly first: boolean;
      readonly last: boolean;
      readonly errors: boolean;
      readonly end: Label;
    }
  | { readonly op: 'close'; readonly guarded: boolean }
  | { readonly op: 'define'; readonly name: string; readonly body: Code }
  | { readonly op: 'unread'; readonly text: string }
);

/** Instructions of a script, of a function or of a substitution. */
export interface Code {
  readonly id: string;
  readonly source: Source;
  readonly ops: readonly Op[];
}
