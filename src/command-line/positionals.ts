import { didYouMean } from '../nearest.ts';
import type { Command } from './command.ts';

/** A positional argument as a command's usage spells it: `<modalias..>`, `[file..]`, `<old>`. */
export interface Positional {
  readonly name: string;
  readonly required: boolean;
  readonly several: boolean;
}

/** `<old> [new..]` -> its parts in order. */
export function readUsage(usage: string): Positional[] {
  return [...usage.matchAll(/(<|\[)([^\]>.]+)(\.\.)?[\]>]/g)].map((m) => ({
    name: m[2]!,
    required: m[1] === '<',
    several: m[3] !== undefined,
  }));
}

/**
 * Assigns each word to its positional argument. Returns the values by name, or a sentence that says what is wrong.
 * Done here because yargs drops a `-` (standard input) and what follows `--` from lists of positionals.
 */
export function assignPositionals(
  command: Command,
  words: readonly string[],
): Record<string, string | string[] | undefined> | string {
  const values: Record<string, string | string[] | undefined> = {};
  let left = words;
  for (const { name, required, several } of readUsage(command.usage)) {
    if (required && left.length === 0) return `${name.toUpperCase()} is missing`;
    const taken = several ? left : left.slice(0, 1);
    const choices = command.positionals?.[name]?.choices?.map(String);
    const wrong = choices && taken.find((word) => !choices.includes(word));
    if (wrong !== undefined) {
      return `${name.toUpperCase()} is one of ${choices!.join(', ')}; found '${wrong}'${didYouMean(wrong, choices!)}`;
    }
    values[name] = several ? [...taken] : taken[0];
    left = left.slice(taken.length);
  }
  return left.length === 0 ? values : `'${left[0]}' is an extra argument`;
}
