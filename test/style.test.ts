import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buses } from '../src/bus/buses.ts';

/** Phrases that are not idiomatic, and what to write instead. */
const BANNED: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [/\bwanted\b/i, 'expected'],
  [
    /(?<!there )\b(?:is|are) no (?:number|module|directory|regular|JSON|UTF-8|GUID|file|journal|kernel|sysfs|alias|verdict|terminal)\b/,
    'is not a',
  ],
  [/\bis no [a-z]+ release\b/, 'is not a kernel release'],
  [/\bare not told\b/, 'are not reported'],
  [/\bparted by\b/, 'split by'],
  [/\bline ends\b(?! with| as| in|\.)/, 'line endings'],
  [/\blest\b/, 'so that .. not'],
  [/\btake(?:s|n)? (?:each|everything) back\b/, 'rolls back'],
  [/\b(?:is|are) taken for\b/, 'is read as, counts as'],
  [/\bopenTwin\b/, 'openTextFallback'],
  [/\bfits two\b/, 'is ambiguous'],
  [/\banew\b/, 'again'],
  [/\btold of\b/, 'reported'],
  [/\bpass(?:es|ed) over\b/, 'skipped'],
  [/\b(?:wherein|therein|foretell|foretold)\b/, 'in which, in it, predict'],
  [/\bfor good\b/, 'permanently'],
  [/\b(?:and|or) the like\b/, 'such as, and so on'],
  [/\b(?:is|are|be|was|were) told\b(?! apart)/, 'is reported'],
  [/\btells? of\b/, 'lists'],
  [/\botherwise than\b/, 'differently from'],
  [/\bnone gets in\b|\bby the way\b/, 'by accident'],
  [/\bone a (?:line|device)\b/, 'one per line'],
  [/\b(?:holds? \S+|held) against\b/, 'compares with, checks against'],
  [/\bwhich no \w+ ever has\b/, 'which none contains'],
  [/\b(?:goes|go|going) by the\b/, 'uses, relies on'],
  [/\bthere since\b/, 'since'],
];

const SOURCES = ['src', 'test', 'scripts'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file)),
);
const DOCS = ['.', 'docs'].flatMap((folder) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file)),
);

/** `file:line` of the lines of some files that a check objects to, each with what it says. */
function objections(files: readonly string[], check: (line: string) => string | undefined): string[] {
  return files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, i) => {
        const objection = check(line);
        return objection === undefined ? [] : [`${file}:${i + 1}: ${objection}`];
      }),
  );
}

const tooLong = (line: string) =>
  /^\s*(?:\/\/|\/\*|\*)/.test(line) && line.length > 120 ? `${line.length}` : undefined;

function unidiomatic(line: string): string | undefined {
  const found = BANNED.find(([phrase]) => phrase.test(line));
  return found && `'${found[0].exec(line)![0]}', write '${found[1]}'`;
}

test('src, test, scripts: a comment line has at most 120 characters', () => {
  expect(objections(SOURCES, tooLong)).toEqual([]);
  expect(tooLong(`  // ${'x'.repeat(116)}`)).toBe('121');
});

/** A line with the name of a test. */
const NAMES_TEST = /^\s*(?:test|it|describe)\b.*\(\s*['"`]|^\s*(?:\]\))?\)?\(\s*'|^ {2}['"`].*,$/;

test('test: the names of tests avoid phrases that are not idiomatic', () => {
  const tests = SOURCES.filter((file) => file.endsWith('.test.ts') && file !== join('test', 'style.test.ts'));
  expect(objections(tests, (line) => (NAMES_TEST.test(line) ? unidiomatic(line) : undefined))).toEqual([]);
});

test('src, scripts and documents avoid phrases that are not idiomatic', () => {
  const files = [...SOURCES.filter((file) => /^(?:src|scripts|test\/vm)\//.test(file)), ...DOCS];
  expect(objections(files, unidiomatic)).toEqual([]);
  expect(unidiomatic('found 7, wanted 8')).toBe("'wanted', write 'expected'");
});

/** What a test may be about besides what is exported: an option, a file of the repository, npm. */
const SUBJECTS = /^(?:--?[a-z]|[\w.-]+\.(?:json|yml|md|d)\b|npm |modalias\b|src\b|test\b|scripts\/|samples\b|README\b)/;

/** The titles that stand at the start of a line, of tests or of what groups them. */
function titlesOf(text: string): string[] {
  const parts = text.split(/^(?=\w)/m).filter((part) => /^(?:test|describe)\b/.test(part));
  return parts.map((part) => {
    const [, , title] = /^(?:\w+|[\s\S]*?\))\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/.exec(part)!;
    return title!;
  });
}

test('test: the names of tests, or of what groups them, begin with what they are about', () => {
  const exported = SOURCES.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^export (?:async )?(?:abstract )?(?:\w+\*?) (\w+)/gm)].map(
      ([, name]) => name!,
    ),
  );
  const things = ['src/commands', 'src/packaging/lint/rules', 'src/packaging/export', 'src/report/persist'].flatMap(
    (folder) => readdirSync(folder).map((file) => file.replace(/\.ts$/, '')),
  );
  const known = new Set([
    ...exported,
    ...things,
    ...readdirSync('src/commands').map((name) => name.split('-')[0]!),
    ...buses.map(({ name }) => name),
  ]);
  const isKnown = (title: string) =>
    SUBJECTS.test(title) || [/^\w*/, /^[\w-]*/].some((word) => known.has(word.exec(title)![0]));
  const tests = SOURCES.filter((file) => file.endsWith('.test.ts'));
  const found = tests.map((file) => ({ file, titles: titlesOf(readFileSync(file, 'utf8')) }));
  expect(found.flatMap(({ titles }) => titles).length).toBeGreaterThan(700);
  expect(
    found.flatMap(({ file, titles }) => titles.filter((title) => !isKnown(title)).map((title) => `${file}: ${title}`)),
  ).toEqual([]);
});
