import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { styleText } from 'node:util';
import { atPlace, type Diagnostic, ModaliasError } from '../errors.ts';
import { systemReason } from '../files/reasons.ts';
import { EXIT } from './command.ts';

/** Whether standard output is written as a stream: it was too full for a write and does not block. */
let streams = false;

/**
 * Prints results. Waits while the reader is slow, so that no output piles up in memory. `latin1` is for alias text,
 * whose characters U+0000 to U+00FF stand for one byte each. A stream, which Node needs some milliseconds to make, is
 * used only where another program set the pipe not to block.
 */
export async function print(text: string, encoding: 'utf8' | 'latin1' = 'utf8'): Promise<void> {
  const bytes = Buffer.from(text, encoding);
  let written = 0;
  while (!streams && written < bytes.length) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') leave(error as NodeJS.ErrnoException);
      streams = true;
      process.stdout.on('error', leave);
    }
  }
  if (written < bytes.length && !process.stdout.write(bytes.subarray(written))) await once(process.stdout, 'drain');
}

/**
 * `modalias ... | head` ends silently once head has read enough. Any other output error (a full disk) is reported and
 * gives exit status 2.
 */
function leave(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit();
  standardError().write(`modalias: cannot write to standard output: ${systemReason(error)}\n`);
  process.exit(EXIT.unanswered);
}

let standardErrorMade = false;

/** Standard error, made on first use, as `print` does without a stream. If nobody reads it, the exit status is 2. */
export function standardError(): NodeJS.WriteStream {
  if (!standardErrorMade) process.stderr.on('error', () => process.exit(EXIT.unanswered));
  standardErrorMade = true;
  return process.stderr;
}

/** Prints one JSON document on a line of its own. */
export function printJson(value: unknown): Promise<void> {
  return print(`${JSON.stringify(value)}\n`);
}

/**
 * Prints diagnostics to standard error, one per line: severity (coloured on a terminal), place, message. Names and
 * values may come from untrusted files; a control character in them is shown as `\x1b`, so that it cannot move the
 * cursor or start a line, and what is invisible or changes the direction of writing as `\u202e`.
 */
export function printDiagnostics(diagnostics: Iterable<Diagnostic>): void {
  let text = '';
  for (const d of diagnostics)
    text += `modalias: ${severityWord(d.severity)} ${controlsShown(atPlace(d, withTable(d)))}\n`;
  if (text) standardError().write(text);
}

function controlsShown(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => {
    const code = c.codePointAt(0)!.toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}

const COLOURS = { error: 'red', warning: 'yellow', note: 'cyan' } as const;

function severityWord(severity: Diagnostic['severity']): string {
  return styleText(COLOURS[severity], `${severity}:`, { stream: process.stderr, validateStream: true });
}

function withTable(d: Diagnostic): string {
  const parts = [d.module, d.table && `table ${d.table}`, d.row !== undefined && `row ${d.row}`].filter(Boolean);
  return parts.length ? `${parts.join(', ')}: ${d.message}` : d.message;
}

/** Prints why a command gave no answer: every problem of a `ModaliasError`; the stack trace of anything unexpected. */
export function printFailure(error: unknown): void {
  if (error instanceof ModaliasError) printDiagnostics(error.problems);
  else standardError().write(`modalias: this is a bug in modalias, please report it: ${stackOf(error)}\n`);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
