import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fnmatch } from '../../src/pattern/fnmatch.ts';
import { compiledIn, mustInRoot } from '../debian/root.ts';
import type { Offered } from '../../src/packaging/export/choose.ts';
import type { CheckResult } from '../kernels/check.ts';
import { byModule, commandOutput, exported, type Questions, withPlanted } from './exported.ts';
import type { Reader } from './reader.ts';

/** Keys that the programs themselves are asked, a process each. */
const FOR_PROGRAMS = 5;

const source = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/**
 * A component for each module, in metainfo files for libappstream, and in a catalog for isenkram, which asks for
 * packages. Both answer each key with the modules that `lookup` names, or else `export` said so.
 */
export const appstream: Reader = {
  name: 'appstream',
  check(root, copy, ofKernel): CheckResult {
    const failures: string[] = [];
    if (exported('appstream', ofKernel.chosen.patterns).text !== commandOutput('appstream', ofKernel.kernel))
      failures.push('the command writes something else than the format');
    const questions = withPlanted(ofKernel);
    const parts = byModule(questions.chosen.patterns, (module) => module);
    const whole = exported('appstream', questions.chosen.patterns);
    const metainfo = writeMetainfo(copy, parts);
    const program = compiledIn(root, copy, source('what-provides.c'), [
      'gcc -O2 -Wl,--no-as-needed $(pkg-config --cflags --libs appstream)',
    ]);
    const { keys } = questions;
    const answers = mustInRoot(copy, [program], { input: lines(keys) }).split('\n');
    const wide = whole.wider.flatMap(({ written }) => written);
    const missedBy = (reader: string) =>
      new Set(whole.unmatched.filter((one) => one.reader?.includes(reader)).map(({ pattern }) => pattern!));
    const libappstream = { wide, missed: missedBy('libappstream') };
    const announced = compare('libappstream', questions, answers.map(modulesOfIds), libappstream, failures);
    const few = keys.slice(0, FOR_PROGRAMS);
    for (const [i, key] of few.entries()) {
      const said = mustInRoot(copy, ['appstreamcli', 'what-provides', 'modalias', key]);
      const ids = [...said.matchAll(/^Identifier: (\S+)/gm)].map((m) => m[1]!);
      compareProgram('appstreamcli', key, ids, words(answers[i]!), failures);
    }
    rmSync(metainfo, { recursive: true });
    writeCatalog(copy, parts);
    copyFileSync(source('ask-isenkram.py'), path.join(copy, 'tmp/ask-isenkram.py'));
    const packages = mustInRoot(copy, ['python3', '/tmp/ask-isenkram.py'], { input: lines(keys) }).split('\n');
    const isenkram = { wide, missed: missedBy('isenkram') };
    const skipped = compare('isenkram', questions, packages.map(words), isenkram, failures);
    for (const [i, key] of few.entries()) {
      // It knows packages of Debian from a list of its own, too.
      const said = words(mustInRoot(copy, ['isenkram-lookup', key]).replaceAll('\n', ' '));
      const ours = said.filter((name) => parts.has(name));
      compareProgram('isenkram-lookup', key, ours, words(packages[i]!), failures);
    }
    const figure = [
      `${keys.length} keys answered by libappstream as by lookup but for ${announced} announced`,
      `by isenkram but for ${skipped}`,
      `${few.length} by appstreamcli and isenkram-lookup`,
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
  readonly missed: ReadonlySet<string>;
}

/** Compares answers, and counts the differences that were announced. */
function compare(
  reader: string,
  { keys, expected }: Questions,
  answers: readonly (readonly string[])[],
  { wide, missed }: Announced,
  failures: string[],
): number {
  const modulesOf = (matches: readonly Offered[]) => new Set(matches.flatMap(({ modules }) => modules));
  let announced = 0;
  keys.forEach((key, i) => {
    const matches = expected[i]!;
    const ours = modulesOf(matches);
    const certain = modulesOf(matches.filter(({ pattern }) => !missed.has(pattern)));
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

/** Compares what a program says with what its library said. */
function compareProgram(
  program: string,
  key: string,
  said: readonly string[],
  expected: readonly string[],
  failures: string[],
): void {
  const [one, other] = [said, expected].map((names) => [...names].sort().join(' ') || 'none');
  if (one !== other) failures.push(`${key}: ${program} says ${one}, its library ${other}`);
}
