import { execFileSync } from 'node:child_process';
import { ModaliasError } from '../../src/errors.ts';
import type { AliasIndex } from '../../src/lookup/alias-index.ts';
import { compileC } from './compile-c.ts';

/** The program that asks libkmod; undefined where that is not installed. */
export const libkmodProgram = compileC('libkmod-answers.c', ['kmod']);

export const EINVAL = 'error -22';
export const ENAMETOOLONG = 'error -36';

/** What libkmod's program prints: for each key its modules or error, then what it understood of any configuration. */
export function askLibkmod(directory: string, keys: readonly string[], config: readonly string[] = []): string[] {
  const input = keys.map((key) => `${Buffer.from(key, 'latin1').toString('hex')}\n`).join('');
  return execFileSync(libkmodProgram!, [directory, ...config], {
    input,
    encoding: 'latin1',
    stdio: ['pipe', 'pipe', 'ignore'],
  }).split('\n');
}

/** Our answer in the words of libkmod's program. */
export function answerOf(index: AliasIndex, key: string): string {
  try {
    return index
      .lookup(key)
      .map((m) => m.module)
      .join(' ');
  } catch (error) {
    const errors: Record<string, string> = { 'bad-modalias': EINVAL, 'name-too-long': ENAMETOOLONG };
    if (error instanceof ModaliasError && errors[error.code]) return errors[error.code]!;
    throw error;
  }
}
