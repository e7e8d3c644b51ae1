import { readFileSync, rmSync, writeFileSync } from 'node:fs';
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
    for (const { what, plant, mentioned } of faults) {
      const tree = path.join(work, 'tree', kernel.release);
      mustRun('mkdir', ['-p', path.dirname(tree)]);
      mustRun('cp', ['-al', kernel.indexed, tree]);
      plant(tree);
      const { status, findings: found } = findings(tree);
      const text = JSON.stringify(found);
      const missed = mentioned.filter((word) => !text.includes(word));
      if (status !== 1 || missed.length > 0 || found.length > 6)
        failures.push(
          `${what}: exit ${status}, findings ${text.slice(0, 400)}; wanted exit 1 and mention of ${mentioned.join(', ')}`,
        );
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

function indexFaults(indexed: string): Fault[] {
  const alias = readFileSync(path.join(indexed, 'modules.alias'), 'latin1');
  const lines = alias.split('\n');
  const line = lines[Math.floor(lines.length / 3)]!;
  const module = line.slice(line.lastIndexOf(' ') + 1);
  const pattern = line.slice('alias '.length, line.lastIndexOf(' '));
  const other = lines.find((l) => l.startsWith('alias ') && !l.endsWith(` ${module}`))!;
  const otherModule = other.slice(other.lastIndexOf(' ') + 1);
  return [
    {
      what: 'a line taken out of modules.alias',
      plant: (tree) => rewrite(tree, 'modules.alias', (text) => text.replace(`${line}\n`, '')),
      mentioned: [JSON.stringify(pattern).slice(1, -1), module],
    },
    {
      what: 'a line added to modules.alias',
      plant: (tree) =>
        rewrite(tree, 'modules.alias', (text) => `${text}alias pci:v0000DEADd0000BEEFsv*sd*bc*sc*i* ${module}\n`),
      mentioned: ['pci:v0000DEADd0000BEEFsv*sd*bc*sc*i*', module],
    },
    {
      what: 'a line of modules.alias moved to another module',
      plant: (tree) => rewrite(tree, 'modules.alias', (text) => text.replace(line, `alias ${pattern} ${otherModule}`)),
      mentioned: [module, otherModule],
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

/** Changes one device id in the table of a module whose ids lie in one place only, so that .modinfo and the index have another. */
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
