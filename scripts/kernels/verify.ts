import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mustRun } from '../debian/run.ts';
import { type Check, cli } from './check.ts';
import { moduleBytes, moduleFiles, moduleName } from './module-files.ts';

interface Finding {
  readonly rule: string;
  readonly module?: string;
  readonly alias?: string;
  readonly file?: string;
}

interface Fault {
  readonly what: string;
  /** Changes a copy of the modules directory. */
  readonly plant: (tree: string) => void;
  /** Words that the findings must hold. */
  readonly mentioned: readonly string[];
}

/** `verify` has nothing to say of a tree as packaged and indexed, and finds each fault planted in a copy. */
export const verify: Check = {
  name: 'verify',
  async run(kernel, work) {
    const failures: string[] = [];
    const clean = findings(kernel.indexed);
    if (clean.status !== 0 || clean.findings.length > 0)
      failures.push(
        `the packaged tree: exit ${clean.status}, ${JSON.stringify(clean.findings.slice(0, 3))} ${clean.stderr}`,
      );
    const faults = [...indexFaults(kernel.indexed), ...(await tableFaults(kernel.indexed))];
    for (const group of groupsOf(faults, kernel.indexed)) {
      const tree = path.join(work, 'tree', kernel.release);
      mkdirSync(path.dirname(tree), { recursive: true });
      mustRun('cp', ['-al', kernel.indexed, tree]);
      for (const { plant } of group) plant(tree);
      const { status, findings: found } = findings(tree);
      const text = JSON.stringify(found);
      const missed = group.flatMap(({ mentioned }) => mentioned).filter((word) => !text.includes(word));
      if (status !== 1 || missed.length > 0 || found.length > 5 * group.length) {
        const what = group.map((fault) => fault.what).join(', ');
        failures.push(
          `${what}: exit ${status}, ${found.length} findings that do not mention ${missed.join(', ')}: ${text.slice(0, 400)}`,
        );
      }
      rmSync(path.join(work, 'tree'), { recursive: true });
    }
    return { failures, figure: `silent on the packaged tree, ${faults.length} planted faults found` };
  },
};

function findings(tree: string): { status: number; findings: Finding[]; stderr: string } {
  const { status, stdout, stderr } = cli(['verify', '--json', tree]);
  const documents = stdout
    .toString('utf8')
    .trim()
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as { findings?: Finding[] }];
      } catch {
        return [];
      }
    });
  return { status, findings: documents.flatMap((d) => d.findings ?? []), stderr: stderr.slice(0, 300) };
}

/**
 * One fault at a time; where the modules are compressed and each run costs their unpacking, those that do not touch one
 * file together.
 */
function groupsOf(faults: readonly Fault[], indexed: string): Fault[][] {
  if (moduleFiles(indexed)[0]!.endsWith('.ko')) return faults.map((fault) => [fault]);
  const spoilsIndex = (fault: Fault) => fault.mentioned.includes('modules.alias.bin');
  return [faults.filter((fault) => !spoilsIndex(fault)), ...faults.filter(spoilsIndex).map((fault) => [fault])];
}

function indexFaults(indexed: string): Fault[] {
  const all = readFileSync(path.join(indexed, 'modules.alias'), 'latin1').split('\n');
  const lines = all.flatMap((line, i) => {
    const [, pattern, module] = /^alias (.*) (\S+)$/s.exec(line) ?? [];
    if (i % 500 !== 0 || pattern === undefined || module === undefined) return [];
    return all.indexOf(line) === i && all.indexOf(line, i + 1) === -1 ? [{ line, pattern, module }] : [];
  });
  const [removed, moved] = [lines[lines.length >> 2]!, lines[lines.length >> 1]!];
  const other = lines.find(({ module }) => module !== moved.module)!.module;
  const added = 'pci:v0000DEADd0000BEEFsv*sd*bc*sc*i*';
  const inJson = (string: string) => JSON.stringify(string).slice(1, -1);
  return [
    {
      what: 'a line taken out of modules.alias',
      plant: (tree) => rewrite(tree, 'modules.alias', (text) => text.replace(`${removed.line}\n`, '')),
      mentioned: [inJson(removed.pattern), removed.module],
    },
    {
      what: 'a line added to modules.alias',
      plant: (tree) => rewrite(tree, 'modules.alias', (text) => `${text}alias ${added} ${removed.module}\n`),
      mentioned: [added, removed.module],
    },
    {
      what: 'a line of modules.alias moved to another module',
      plant: (tree) =>
        rewrite(tree, 'modules.alias', (text) => text.replace(moved.line, `alias ${moved.pattern} ${other}`)),
      mentioned: [inJson(moved.pattern), moved.module, other],
    },
    {
      what: 'modules.alias.bin cut short',
      plant: (tree) => rewrite(tree, 'modules.alias.bin', (bytes) => bytes.slice(0, bytes.length >> 1)),
      mentioned: ['modules.alias.bin'],
    },
    {
      what: 'modules.alias.bin of an empty tree',
      plant: (tree) => rewrite(tree, 'modules.alias.bin', (bytes) => `${bytes.slice(0, 8)}\0\0\0\x0c`),
      mentioned: ['modules.alias.bin'],
    },
  ];
}

/**
 * Changes one device id in the table of a module whose ids lie in one place only, so that .modinfo and the index have
 * another.
 */
async function tableFaults(indexed: string): Promise<Fault[]> {
  const files = moduleFiles(indexed);
  for (const line of readFileSync(path.join(indexed, 'modules.alias'), 'latin1').split('\n')) {
    const ids = /^alias pci:v([0-9A-F]{8})d([0-9A-F]{8})sv\*sd\*bc\*sc\*i\* (\S+)$/.exec(line);
    const file = ids && files.find((f) => moduleName(f) === ids[3]);
    if (!ids || !file) continue;
    const bytes = await moduleBytes(path.join(indexed, file));
    const row = Buffer.from(ids[1]! + ids[2]!, 'hex');
    if (bytes[5] === 1) row.swap32();
    const at = bytes.indexOf(row);
    if (at === -1 || bytes.indexOf(row, at + 1) !== -1) continue;
    bytes[at + (bytes[5] === 1 ? 4 : 7)]! ^= 0xff;
    const plant = (tree: string) => {
      rmSync(path.join(tree, file));
      writeFileSync(path.join(tree, file), bytes);
    };
    return [{ what: `a device id changed in ${file}`, plant, mentioned: [ids[3]!, `pci:v${ids[1]}d${ids[2]}`] }];
  }
  return [];
}

/** Replaces a file of the copy; never writes through the hard link. */
function rewrite(tree: string, name: string, change: (latin1: string) => string): void {
  const file = path.join(tree, name);
  const changed = change(readFileSync(file, 'latin1'));
  rmSync(file);
  writeFileSync(file, changed, 'latin1');
}
