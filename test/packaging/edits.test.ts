import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAliasText } from '../../src/alias/alias-text.ts';
import { generateAliases } from '../../src/alias/generate.ts';
import { moduleAliases } from '../../src/alias/module-aliases.ts';
import { decompress } from '../../src/binary/decompress.ts';
import { Elf } from '../../src/binary/elf.ts';
import { memorySource } from '../../src/binary/source.ts';
import { ModaliasError } from '../../src/errors.ts';
import { extractModule } from '../../src/module/extract-module.ts';
import { moduleMemory } from '../../src/module/module-file.ts';
import { findTables } from '../../src/module/table-symbols.ts';
import { extractModuleBytes } from '../../src/modules-directory/extract-modules.ts';
import { openModulesDirectory } from '../../src/modules-directory/modules-directory.ts';
import { buildIndexFiles, writeIndexFiles } from '../../src/packaging/build.ts';
import { diffKernels } from '../../src/packaging/diff/diff-kernels.ts';
import { lint } from '../../src/packaging/lint/lint.ts';
import { verifyModulesDirectory } from '../../src/packaging/verify/verify.ts';
import { parseRelease } from '../../src/release.ts';
import { formatModuleLine } from '../../src/tables/format-tables.ts';
import { parseTables } from '../../src/tables/read-tables.ts';
import { answersDiffer, devicesDiffer, type Edit, editAliasText, editJson, type Pair } from '../support/edits.ts';
import type { ElfMachineName } from '../support/elf-machines.ts';
import { moduleShape } from '../support/module-shapes.ts';
import { Random } from '../support/random.ts';

/**
 * Single edits that are tried, a third of each kind. With EDITS_KERNEL, a modules directory, they are edits of its
 * modules.alias, its modules and their tables; without it of the samples and of made-up modules.
 */
const EDITS = Number(process.env.EDITS ?? 30);
const KERNEL = process.env.EDITS_KERNEL;
const SEED = Number(process.env.FUZZ_SEED ?? 20);

const dir = mkdtempSync(join(tmpdir(), 'edits-'));
afterAll(() => rmSync(dir, { recursive: true }));
const random = new Random(SEED);
const [before, after] = [join(dir, 'old'), join(dir, 'new')];
beforeAll(() => {
  for (const side of [before, after]) mkdirSync(join(side, 'kernel'), { recursive: true });
});

/** What an error of ours counts as: that the input cannot be read says that something is wrong. */
async function orRefused(find: () => Promise<boolean>): Promise<boolean> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof ModaliasError) return true;
    throw error;
  }
}

/** The commands that find a difference between two inputs: diff in what they match, lint in what it says of each. */
async function foundBy(old: string, now: string): Promise<string[]> {
  const differs = await orRefused(async () => {
    const { changes, other, renamed, undecided } = await diffKernels(old, now);
    return changes.length + other.length + renamed.length + undecided.length > 0;
  });
  const told = async (path: string) =>
    JSON.stringify((await lint([path])).findings.map(({ fingerprint, message }) => [fingerprint, message]));
  const objects = await orRefused(async () => (await told(now)).replaceAll(now, old) !== (await told(old)));
  return [...(differs ? ['diff'] : []), ...(objects ? ['lint'] : [])];
}

/**
 * Draws edits until one changes what matches; a count of the commands that found each, and what none found although a
 * device may carry a key that is answered otherwise.
 */
async function tried<E extends Edit<unknown>>(
  draw: () => Promise<E | undefined> | E | undefined,
  find: (edit: E) => Promise<string[]>,
  concernsDevices: (edit: E) => boolean = () => true,
) {
  const count: Record<string, number> = {};
  const missed: string[] = [];
  for (let i = 0; i < EDITS / 3; i++) {
    let edit = await draw();
    for (let more = 0; edit === undefined && more < 1000; more++) edit = await draw();
    const by = await find(edit!);
    for (const command of by) count[command] = (count[command] ?? 0) + 1;
    if (by.length === 0 && concernsDevices(edit!)) missed.push(edit!.what);
  }
  if (KERNEL !== undefined) console.log(count, missed);
  return { count, missed };
}

const pairsOf = (text: string): Pair[] => parseAliasText(text).map(({ alias, module }) => [alias, module]);

const samples = readdirSync('samples').filter((name) => name.endsWith('.json'));
const sampleModules = () => samples.flatMap((name) => parseTables(readFileSync(join('samples', name), 'utf8')).modules);

describe(`diff, lint, verify: one of them finds each of ${EDITS} single edits that change what matches`, () => {
  test('modules.alias', async () => {
    const text =
      KERNEL === undefined
        ? `# header\n${sampleModules()
            .flatMap((module) => moduleAliases(module).aliases.map(({ alias }) => `alias ${alias} ${module.module}\n`))
            .join('')}`
        : readFileSync(join(KERNEL, 'modules.alias'), 'latin1');
    const paths = [join(before, 'modules.alias'), join(after, 'modules.alias')] as const;
    writeFileSync(paths[0], text, 'latin1');
    const old = pairsOf(text);
    const draw = () => {
      const edit = editAliasText(text, random);
      return answersDiffer(old, pairsOf(edit.now)) ? edit : undefined;
    };
    const find = (edit: Edit<string>) => {
      writeFileSync(paths[1], edit.now, 'latin1');
      return foundBy(...paths);
    };
    const { missed } = await tried(draw, find, ({ now }) => devicesDiffer(old, pairsOf(now)));
    expect(missed).toEqual([]);
  });

  test('JSON id tables', async () => {
    const paths = [join(before, 'ids.json'), join(after, 'ids.json')] as const;
    const texts =
      KERNEL === undefined
        ? samples.map((name) => readFileSync(join('samples', name), 'utf8'))
        : await tablesOfKernel(KERNEL);
    let text = '';
    const pairs = (json: string): Pair[] => {
      const [module] = parseTables(json).modules;
      return moduleAliases(module!).aliases.map(({ alias }) => [alias, module!.module]);
    };
    const draw = () => {
      text = random.pick(texts);
      const module = JSON.parse(text);
      if (Array.isArray(module)) return undefined;
      const edit = editJson(module, random);
      try {
        const now = JSON.stringify(edit.now);
        return answersDiffer(pairs(text), pairs(now)) ? { ...edit, now } : undefined;
      } catch (error) {
        if (error instanceof ModaliasError) return undefined;
        throw error;
      }
    };
    const { missed } = await tried(draw, (edit) => {
      writeFileSync(paths[0], text);
      writeFileSync(paths[1], edit.now);
      return foundBy(...paths);
    });
    expect(missed).toEqual([]);
  });

  test('module files', async () => {
    const names = KERNEL === undefined ? (['amd64', 's390x', 'armhf'] as const) : modulesBelow(KERNEL);
    const read = async (name: string) => (KERNEL === undefined ? soundShape(name as ElfMachineName) : unpacked(name));
    const verify = async (tree: string) =>
      (await verifyModulesDirectory(tree, { depmodConfig: 'none' })).findings.map(
        ({ rule, alias }) => `${rule} ${alias}`,
      );
    const draw = async () => {
      const old = await read(random.pick(names));
      const edit = editModule(old, random);
      if (!edit) return undefined;
      const [had, has] = [told(old), told(edit.now)];
      return has === undefined || had!.some((pairs, i) => answersDiffer(pairs, has[i]!)) ? { ...edit, old } : undefined;
    };
    const { missed } = await tried(draw, async ({ now, old }) => {
      for (const [side, bytes] of [
        [before, old],
        [after, now],
      ] as const)
        writeFileSync(join(side, 'kernel/shape.ko'), bytes);
      for (const side of [before, after]) await build(side);
      const [clean, findings] = [await verify(before), await verify(after)];
      const objects = findings.some((finding) => !clean.includes(finding));
      return [...(objects ? ['verify'] : []), ...(await foundBy(before, after))];
    });
    expect(missed).toEqual([]);
  });
});

/** A module whose .modinfo has what its rows make, as modpost leaves it, and an alias by hand. */
function soundShape(machine: ElfMachineName): Uint8Array {
  const [made] = told(moduleShape(machine, parseRelease('6.12')))!;
  return moduleShape(machine, parseRelease('6.12'), ['acme:by-hand', ...made.map(([alias]) => alias)]);
}

/** Runs depmod, so to say. A module that cannot be read leaves an index without it. */
async function build(root: string): Promise<void> {
  const directory = openModulesDirectory(root, { depmodConfig: 'none' });
  await writeIndexFiles(await buildIndexFiles(directory, { layout: 'post' }), root);
}

/** What the rows of a module make, and what its .modinfo says; undefined for one that cannot be read. */
function told(bytes: Uint8Array): readonly [rows: Pair[], modinfo: Pair[]] | undefined {
  try {
    const { tables, release, aliases } = extractModule(new Elf(memorySource(bytes, 'a.ko')), 'a.ko');
    const made = generateAliases(tables, { release }).aliases;
    return [made.map(({ alias }) => [alias, 'a']), aliases.map((alias) => [alias, 'a'])];
  } catch (error) {
    if (error instanceof ModaliasError) return undefined;
    throw error;
  }
}

/** A module with a bit of a table flipped, a byte of a table zeroed, or a character of an alias changed. */
function editModule(bytes: Uint8Array, random: Random): Edit<Uint8Array> | undefined {
  const elf = new Elf(memorySource(bytes, 'a.ko'));
  const now = Uint8Array.from(bytes);
  if (random.oneIn(3)) {
    const section = elf.section('.modinfo')!;
    const text = Buffer.from(bytes.subarray(section.offset, section.offset + section.size)).toString('latin1');
    const aliases = [...text.matchAll(/(?<=(?:^|\0)alias=)[^\0]+/g)];
    if (aliases.length === 0) return undefined;
    const { index, 0: alias } = random.pick(aliases);
    const place = random.below(alias.length);
    now[section.offset + index + place] = 0x21 + random.below(0x5e);
    return { now, what: `.modinfo: byte ${place} of ${alias}` };
  }
  const tables = findTables(elf).filter(({ bytes: { size } }) => size > 0);
  if (tables.length === 0) return undefined;
  const { table, bus, bytes: own } = random.pick(tables);
  if (own.base + own.size > bytes.length) return undefined;
  const place = random.below(own.size);
  const value = random.oneIn(4) ? 0 : now[own.base + place]! ^ (1 << random.below(8));
  now[own.base + place] = value;
  return { now, what: `${bus} table ${table}: byte ${place} to ${value}` };
}

function modulesBelow(root: string): string[] {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  return files.filter((name) => /\.ko(\.xz)?$/.test(name)).map((name) => join(root, name));
}

async function unpacked(path: string): Promise<Uint8Array> {
  const { scratch, limit } = moduleMemory();
  return Uint8Array.from(await decompress(readFileSync(path), { file: path, limit, scratch }));
}

/** The tables of modules of a kernel, each as it is extracted, for as many as there are edits. */
async function tablesOfKernel(root: string): Promise<string[]> {
  const files = modulesBelow(root);
  const texts: string[] = [];
  while (texts.length < EDITS) {
    const bytes = await unpacked(random.pick(files));
    const module = await extractModuleBytes(bytes, 'a.ko');
    if (module.tables.length > 0) texts.push(formatModuleLine(module));
  }
  return texts;
}
