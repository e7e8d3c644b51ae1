import type { Options } from 'yargs';
import { didYouMean } from '../nearest.ts';

/** What was wrong with the options, in one line: the parser's own message put into words that say what to do. */
export function describeUsageError(
  message: string,
  options: Readonly<Record<string, Options>>,
  argv: readonly string[],
): string {
  const unknown = /^Unknown arguments?: (.*)$/s.exec(message);
  if (unknown) {
    const name = unknown[1]!.split(', ').find((n) => writtenAs(n, argv)) ?? unknown[1]!;
    return `unknown option ${writtenAs(name, argv) ?? name}${didYouMean(`--${name}`, dashed(options))}`;
  }
  const bare = /^Not enough arguments following: (.*)$/.exec(message);
  if (bare) return `${writtenAs(bare[1]!, argv) ?? bare[1]} needs a value`;
  const choice = /Argument: (.*), Given: (.*), Choices: (.*)/.exec(message);
  if (choice) {
    const known = choice[3]!.split(', ').map((c) => c.replaceAll('"', ''));
    const given = choice[2]!.replaceAll('"', '');
    return `--${choice[1]} is one of ${known.join(', ')}; found '${given}'${didYouMean(given, known)}`;
  }
  const required = /^Missing required arguments?: (.*)$/.exec(message);
  if (required) return `--${required[1]!.replaceAll(', ', ', --')} must be given`;
  return message.replace(/\s+/g, ' ').trim();
}

/** An option that holds one value and was given several, or a number that is none: the complaint, else undefined. */
export function describeWrongValue(
  parsed: Readonly<Record<string, unknown>>,
  options: Readonly<Record<string, Options>>,
): string | undefined {
  for (const [name, option] of Object.entries(options)) {
    const several = option.type === 'array' || option.array;
    if (!several && Array.isArray(parsed[name])) return `--${name} is given more than once`;
    if (option.type === 'number' && Number.isNaN(parsed[name])) return `--${name} wants a number`;
  }
  return undefined;
}

function writtenAs(name: string, argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--');
  const before = end === -1 ? argv : argv.slice(0, end);
  const word =
    before.find((a) => a.split('=', 1)[0] === `--${name}`) ?? before.find((a) => /^-[^-]/.test(a) && a.includes(name));
  return word?.split('=', 1)[0];
}

function dashed(options: Readonly<Record<string, Options>>): string[] {
  return Object.keys(options).map((name) => `--${name}`);
}
