import { formatAliasLine } from '../alias/alias-text.ts';
import { matches } from '../explain/near-misses.ts';
import { plausibleKeys } from '../match/plausible-keys.ts';
import { normalizeAlias, underscored } from '../pattern/normalize.ts';
import { type Aliases, aliasesOf } from './aliases-of.ts';
import { explained, listed, type Verdict } from './verdict.ts';

/** Lines whose example is explained; the others are only listed. */
const EXPLAINED = 2;

/** Whether aliases are the same as sets; see `ModaliasMatchers.toHaveSameAliasesAs`. */
export function hasSameAliases(received: unknown, expected: unknown): Verdict {
  const [ours, theirs] = [aliasesOf('received', received), aliasesOf('expected', expected)];
  const lineOf = lineFormat([ours, theirs]);
  const [found, asked] = [setOf(ours, lineOf), setOf(theirs, lineOf)];
  const [missing, extra] = [without(asked, found), without(found, asked)];
  const pass = missing.length + extra.length === 0;
  const message = () => {
    if (pass) return `expected other aliases, found the same (${found.size})`;
    const examples = missing.flatMap((line) => exampleOf(asked.get(line)!) ?? []).slice(0, EXPLAINED);
    return [
      `expected the same aliases, found ${missing.length} missing (-) and ${extra.length} more (+):`,
      ...listed(missing.map((line) => `- ${line}`)),
      ...listed(extra.map((line) => `+ ${line}`)),
      ...examples.flatMap((example) => ['', 'What is missing would match, for example:', explained(ours, example)]),
    ].join('\n');
  };
  return { pass, message, actual: listed(extra), expected: listed(missing) };
}

/** How to write a line: with its module where both sides know all of them, normalised where one side is. */
function lineFormat(sides: readonly Aliases[]): (alias: string, module: string | undefined) => string {
  const normalized = sides.some((side) => side.isIndex);
  const named = sides.every(({ list }) => list().every(({ module }) => module !== undefined));
  return (alias, module) => {
    const text = normalized ? (normalizeAlias(alias) ?? alias) : alias;
    return named ? formatAliasLine(text, underscored(module!)).trimEnd() : text;
  };
}

/** Lines with their aliases. */
function setOf({ list }: Aliases, lineOf: (alias: string, module: string | undefined) => string): Map<string, string> {
  return new Map(list().map(({ alias, module }) => [lineOf(alias, module), alias]));
}

function without(lines: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): string[] {
  return [...lines.keys()].filter((line) => !others.has(line)).sort();
}

/** A modalias that an alias matches. */
function exampleOf(alias: string): string | undefined {
  const pattern = normalizeAlias(alias);
  return pattern === undefined ? undefined : [...plausibleKeys(pattern)].find((key) => matches(pattern, key));
}
