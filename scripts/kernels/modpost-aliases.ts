import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pMap from 'p-map';
import type { Kernel } from '../debian/kernel.ts';
import { fetchModpost, kbuildArch, kbuildVersions, type Modpost, type Variant } from '../debian/modpost.ts';
import { runModpost } from '../debian/run-modpost.ts';
import { moduleBytes, moduleFiles, moduleName } from './module-files.ts';

/**
 * The aliases that a kernel's own modpost makes of each shipped module's tables, in its order; hand-written ones are
 * not among them.
 */
export type AliasesByModule = ReadonlyMap<string, readonly string[]>;

/** Modules that go into one run of modpost. */
const BATCH = 40;

/**
 * Runs the modpost of the kernel's own release on every module; the answer is kept beside the kernel. Undefined if the
 * archive no longer holds that release's modpost or this machine cannot run it.
 */
export async function modpostAliases(kernel: Kernel): Promise<AliasesByModule | undefined> {
  const kept = path.join(kernel.folder, 'modpost.json');
  if (!existsSync(kept)) {
    const answers = await askModpost(kernel);
    if (!answers) return undefined;
    writeFileSync(`${kept}.${process.pid}`, JSON.stringify(answers), 'latin1');
    renameSync(`${kept}.${process.pid}`, kept);
  }
  return new Map(JSON.parse(readFileSync(kept, 'latin1')) as [string, string[]][]);
}

async function askModpost(kernel: Kernel): Promise<[string, readonly string[]][] | undefined> {
  const files = moduleFiles(kernel.packaged);
  const read = async (file: string) => unlinked(await moduleBytes(path.join(kernel.packaged, file)));
  const modpost = modpostOf(kernel, await read(files[0]!));
  if (!modpost) return undefined;
  const batches = Array.from({ length: Math.ceil(files.length / BATCH) }, (_, i) =>
    files.slice(i * BATCH, (i + 1) * BATCH),
  );
  const answers = await pMap(
    batches,
    async (batch) => {
      const objects: Uint8Array[] = [];
      for (const file of batch) objects.push(await read(file));
      const made = await runModpost(modpost, objects);
      return made.map((answer, i): [string, readonly string[]] => {
        if ('error' in answer) throw new Error(`modpost on ${batch[i]}: ${answer.error}`);
        return [moduleName(batch[i]!), answer.aliases];
      });
    },
    { concurrency: 2 },
  );
  return answers.flat();
}

function modpostOf(kernel: Kernel, module: Uint8Array): Modpost | undefined {
  const wordSize = module[4] === 2 ? 8 : 4;
  const variant: Variant = `${module[5] === 1 ? 'lsb' : 'msb'}-${wordSize === 8 ? 64 : 32}`;
  for (const version of kbuildVersions(kernel.image)) {
    const modpost = fetchModpost({ suite: kernel.suite, version, arch: kbuildArch(kernel.arch, wordSize) }, variant);
    if (modpost) return modpost;
  }
  return undefined;
}

/**
 * A linked module has the symbols of its exports' namespaces already; modpost stops at those, so they get another name.
 */
function unlinked(module: Buffer): Uint8Array {
  const from = Buffer.from('__kstrtabns_');
  for (let at = module.indexOf(from); at !== -1; at = module.indexOf(from, at + 1)) module.write('__kstrtabnX_', at);
  return module;
}
