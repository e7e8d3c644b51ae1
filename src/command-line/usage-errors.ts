import type { Options } from 'yargs';
import { didYouMean } from '../nearest.ts';

type OptionTable = Readonly<Record<string, Options>>;

/** The words before `--`, where options stand. */
function beforeEnd(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end === -1 ? argv : argv.slice(0, end);
}

/**
 * `-mPATH`, a short option with its value right behind it, as `--modules=PATH`: yargs would read each letter as an
 * option. So is `-d -` of an option that may be repeated, for which yargs takes no value that begins with a dash.
 */
export function withLongNames(argv: readonly string[], options: OptionTable): string[] {
  const last = beforeEnd(argv).length;
  const nameOf = (word: string) =>
    Object.keys(options).find(
      (long) => word === `--${long}` || aliasesOf(options[long]!).some((letter) => word === `-${letter}`),
    );
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    const [, letter, value] = (i < last && /^-([A-Za-z])([^=].*)$/s.exec(word)) || [];
    const name = i < last ? nameOf(letter === undefined ? word : `-${letter}`) : undefined;
    const option = name === undefined ? undefined : options[name]!;
    if (option && letter !== undefined && option.type !== 'boolean') words.push(`--${name}=${value}`);
    else if ((option?.array || option?.type === 'array') && argv[i + 1] === '-') {
      words.push(`--${name}=-`);
      i++;
    } else words.push(word);
  }
  return words;
}

function aliasesOf({ alias }: Options): readonly string[] {
  return alias === undefined ? [] : [alias].flat();
}

/**
 * The complaint about an option without a value that was given one (`--json=no`), which yargs silently reads as false.
 */
export function misusedFlag(argv: readonly string[], options: OptionTable): string | undefined {
  for (const word of beforeEnd(argv)) {
    const [, given, value] = /^--?([^=]+)=(.*)$/s.exec(word) ?? [];
    const name = given && Object.keys(options).find((n) => n === given || aliasesOf(options[n]!).includes(given));
    if (name && options[name]!.type === 'boolean')
      return `--${name} takes no value; found '${value}'. Give --${name} alone, or omit it`;
  }
  return undefined;
}

/** The complaint about an option without its value. */
export function needsValue(name: string, options: OptionTable, argv: readonly string[]): string {
  const names = [name, ...(options[name] ? aliasesOf(options[name]) : [])];
  const written = names.map((n) => (n.length === 1 ? `-${n}` : `--${n}`));
  return `${beforeEnd(argv).findLast((word) => written.includes(word)) ?? written[0]} needs a value`;
}

/**
 * The complaint about the first unknown option; undefined if all are known. A value never begins with a dash, except
 * `-` itself and numbers.
 */
export function unknownOption(argv: readonly string[], options: OptionTable): string | undefined {
  const known = new Set(Object.entries(options).flatMap(([name, o]) => [name, ...aliasesOf(o)]));
  const names = Object.keys(options).map((name) => `--${name}`);
  for (const word of beforeEnd(argv)) {
    const written = word.split('=', 1)[0]!;
    const [, long, letters] = /^(?:--(.+)|-([^-\d].*))$/s.exec(written) ?? [];
    const all = long === undefined ? [...(letters ?? '')] : [long];
    if (!all.every((name) => known.has(name))) return `unknown option ${written}${didYouMean(written, names)}`;
  }
  return undefined;
}

/**
 * An option that is missing, excluded by another or repeated without taking several values; a value that is not a
 * choice or not a number.
 */
export function wrongValue(parsed: Readonly<Record<string, unknown>>, options: OptionTable): string | undefined {
  for (const [name, option] of Object.entries(options)) {
    const value = parsed[name];
    if (option.demandOption && value === undefined) return `--${name} must be given`;
    const rivals = option.conflicts === undefined ? [] : [option.conflicts].flat().map(String);
    const rival = value ? rivals.find((one) => parsed[one]) : undefined;
    if (rival !== undefined) return `--${name} and --${rival} cannot be given together`;
    const several = option.type === 'array' || option.array;
    if (!several && Array.isArray(value)) return `--${name} is given more than once`;
    if (option.type === 'number' && Number.isNaN(value)) return `--${name}: expected a number`;
    const known = option.choices?.map(String);
    const other =
      known &&
      [value ?? []]
        .flat()
        .map(String)
        .find((one) => !known.includes(one));
    if (other !== undefined)
      return `--${name} is one of ${known!.join(', ')}; found '${other}'${didYouMean(other, known!)}`;
  }
  return undefined;
}
