import { type Check, mustCli } from './check.ts';
import { type AliasesByModule, modpostAliases } from './modpost-aliases.ts';

/**
 * The tables of every module, extracted and generated again, make what the kernel's own modpost makes of them, in its
 * order.
 */
export const tables: Check = {
  name: 'tables',
  async run(kernel) {
    const extracted = mustCli(['extract', kernel.packaged]);
    const ours = aliasesByModule(
      mustCli(['generate', '-'], { input: withoutHandWritten(extracted) }).toString('latin1'),
    );
    const theirs = (await modpostAliases(kernel)) ?? undefined;
    if (!theirs) return againstModinfo(extracted, ours);
    const failures = [...new Set([...theirs.keys(), ...ours.keys()])].flatMap((module) => {
      const [want, have] = [theirs.get(module) ?? [], ours.get(module) ?? []];
      const length = Math.max(want.length, have.length);
      const at = Array.from({ length }, (_, i) => i).find((i) => want[i] !== have[i]);
      return at === undefined
        ? []
        : [`${module}, alias ${at}: modpost makes ${want[at] ?? 'none'}, we make ${have[at] ?? 'none'}`];
    });
    return {
      failures,
      figure: `${count(ours)} aliases of ${ours.size} modules, all as the kernel's modpost makes them`,
    };
  },
};

const count = (aliases: AliasesByModule) => [...aliases.values()].reduce((n, list) => n + list.length, 0);

interface Extracted {
  readonly module: string;
  readonly aliases?: readonly string[];
}

const lines = (ndjson: Buffer) => ndjson.toString('utf8').split('\n').filter(Boolean);

function withoutHandWritten(extracted: Buffer): string {
  return lines(extracted)
    .map((line) => JSON.stringify({ ...(JSON.parse(line) as Extracted), aliases: [] }))
    .join('\n');
}

/** Module -> aliases of a modules.alias text; the module stands after the last space. */
function aliasesByModule(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    if (!line.startsWith('alias ')) continue;
    const space = line.lastIndexOf(' ');
    const module = line.slice(space + 1);
    found.set(module, [...(found.get(module) ?? []), line.slice(6, space)]);
  }
  return found;
}

/** Without the release's modpost: all that the tables make stands in .modinfo as often, among hand-written aliases. */
function againstModinfo(extracted: Buffer, ours: AliasesByModule) {
  const failures: string[] = [];
  for (const line of lines(extracted)) {
    const { module, aliases = [] } = JSON.parse(line) as Extracted;
    const left = new Map<string, number>();
    for (const alias of aliases) left.set(alias, (left.get(alias) ?? 0) + 1);
    for (const alias of ours.get(module) ?? []) {
      const times = left.get(alias) ?? 0;
      if (times === 0) failures.push(`${module}: we make ${alias}, which its .modinfo does not have`);
      left.set(alias, times - 1);
    }
  }
  return { failures, figure: `${count(ours)} aliases, all in .modinfo (the archive has no modpost of this release)` };
}
