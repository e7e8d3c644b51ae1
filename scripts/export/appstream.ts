import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fnmatch } from '../../src/pattern/fnmatch.ts';
import { compiledIn, mustInRoot } from '../debian/root.ts';
import type { Offered } from '../../src/packaging/export/choose.ts';
import type { CheckResult } from '../kernels/check.ts';
import { byModule, commandOutput, exported, type Questions } from './exported.ts';
import type { Reader } from './reader.ts';

/** isenkram takes a tenth of a second for a key, so that it is asked for one in so many. */
const EVERY_FOR_ISENKRAM = 30;
/** Keys that the programs themselves are asked, a process each. */
const FOR_PROGRAMS = 5;

const source = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/**
 * A component for each module, in metainfo files for libappstream, and in a catalog for isenkram, which asks for
 * packages. Both answer each key with the modules that `lookup` names, or else `export` said so.
 */
export const appstream: Reader = {
  name: 'appstream',
  check(root, copy, questions): CheckResult {
    const failures: string[] = [];
    const parts = byModule(questions.chosen.patterns, (module) => module);
    const whole = exported('appstream', questions.chosen.patterns);
    if (whole.text !== commandOutput('appstream', questions.kernel))
      failures.push('the command writes something else than the format');
    const metainfo = writeMetainfo(copy, parts);
    const program = compiledIn(root, copy, source('what-provides.c'), [
      'gcc -O2 -Wl,--no-as-needed $(pkg-config --cflags --libs appstream)',
    ]);
    const { keys } = questions;
    const answers = mustInRoot(copy, [program], { input: lines(keys) }).split('\n');
    const wide = whole.wider.flatMap(({ written }) => written);
    const announced = compare('libappstream', questions, keys, answers.map(modulesOfIds), { wide }, failures);
    for (const key of keys.slice(0, FOR_PROGRAMS)) askProgram(copy, key, answers[keys.indexOf(key)]!, failures);
    rmSync(metainfo, { recursive: true });
    writeCatalog(copy, parts);
    const few = keys.filter((_, i) => i % EVERY_FOR_ISENKRAM === 0);
    copyFileSync(source('ask-isenkram.py'), path.join(copy, 'tmp/ask-isenkram.py'));
    const packages = mustInRoot(copy, ['python3', '/tmp/ask-isenkram.py'], { input: lines(few) }).split('\n');
    const missed = new Set(whole.unmatched.map(({ pattern }) => pattern!));
    const skipped = compare('isenkram', questions, few, packages.map(words), { wide, missed }, failures);
    const figure = [
      `${keys.length} keys answered by libappstream as by lookup but for ${announced} announced`,
      `${few.length} by isenkram but for ${skipped}`,
      `${FOR_PROGRAMS} by appstreamcli`,
    ].join(', ');
    return { failures, figure };
  },
};

const lines = (keys: readonly string[]) => `${keys.join('\n')}\n`;
const words = (line: string) => line.split(' ').filter(Boolean);
const PREFIX = 'org.kernel.';
const modulesOfIds = (line: string) => words(line).map((id) => id.slice(PREFIX.length));

function component(parts: ReturnType<typeof byModule>, module: string, more = ''): string {
  const own = `<id>${PREFIX}${module}</id>${more}<metadata_license>CC0-1.0</metadata_license><name>${module}</name>`;
  const { text } = exported('appstream', parts.get(module)!);
  return `<component type="driver">${own}<summary>A driver</summary>${text}</component>\n`;
}

/** Answers with the folder. */
function writeMetainfo(copy: string, parts: ReturnType<typeof byModule>): string {
  const folder = path.join(copy, 'usr/share/metainfo');
  mkdirSync(folder, { recursive: true });
  for (const module of parts.keys())
    writeFileSync(path.join(folder, `${PREFIX}${module}.metainfo.xml`), component(parts, module));
  return folder;
}

function writeCatalog(copy: string, parts: ReturnType<typeof byModule>): void {
  const folder = path.join(copy, 'usr/share/swcatalog/xml');
  mkdirSync(folder, { recursive: true });
  const components = [...parts.keys()].map((module) => component(parts, module, `<pkgname>${module}</pkgname>`));
  const text = `<components version="1.0" origin="modalias">\n${components.join('')}</components>\n`;
  writeFileSync(path.join(folder, 'modalias.xml'), text);
}

/** What `export` said that a reader does otherwise. */
interface Announced {
  /** Texts that match more than their patterns. */
  readonly wide: readonly string[];
  /** Patterns that it does not match. */
  readonly missed?: ReadonlySet<string>;
}

/** Compares answers, and counts the differences that were announced. */
function compare(
  reader: string,
  questions: Questions,
  keys: readonly string[],
  answers: readonly (readonly string[])[],
  { wide, missed }: Announced,
  failures: string[],
): number {
  const expected = new Map(questions.keys.map((key, i) => [key, questions.expected[i]!]));
  const modulesOf = (matches: readonly Offered[]) => new Set(matches.flatMap(({ modules }) => modules));
  let announced = 0;
  keys.forEach((key, i) => {
    const matches = expected.get(key)!;
    const ours = modulesOf(matches);
    const certain = modulesOf(matches.filter(({ pattern }) => !missed?.has(pattern)));
    const theirs = new Set(answers[i] ?? []);
    const lost = [...ours].filter((module) => !theirs.has(module));
    const gained = [...theirs].filter((module) => !ours.has(module));
    if (lost.length + gained.length === 0) return;
    const isWide = gained.length === 0 || wide.some((text) => fnmatch(text, key));
    if (isWide && lost.every((module) => !certain.has(module))) announced++;
    else failures.push(`${key}: ${reader} says ${named(theirs)}, lookup ${named(ours)}`);
  });
  return announced;
}

const named = (modules: ReadonlySet<string>) => [...modules].join(' ') || 'none';

/** What the program itself says. */
function askProgram(copy: string, key: string, answer: string, failures: string[]): void {
  const said = mustInRoot(copy, ['appstreamcli', 'what-provides', 'modalias', key]);
  const ids = [...said.matchAll(/^Identifier: (\S+)/gm)].map((m) => m[1]!);
  if (ids.sort().join(' ') !== words(answer).sort().join(' '))
    failures.push(`${key}: appstreamcli says ${ids.join(' ') || 'none'}, libappstream ${answer || 'none'}`);
}
