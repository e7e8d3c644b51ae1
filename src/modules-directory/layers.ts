import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { needOptionalText } from '../arguments.ts';
import { DEFAULT_UNPACKED_LIMIT, isPacked } from '../binary/decompress.ts';
import { ModaliasError } from '../errors.ts';
import { rawPath, readablePath } from '../files/raw-path.ts';
import { systemReason } from '../files/reasons.ts';
import { moduleMemory } from '../module/module-file.ts';
import { isPackage } from '../package/open-package.ts';
import { type KernelTree, readPackageTrees } from '../package/tree.ts';
import { diskLayer, type LayerEntry } from './layered-files.ts';
import { type ModuleTask, nameOf, outcomeOf } from './module-task.ts';
import { DEFAULT_WORKERS, type ModuleOutcome, type ReadModulesOptions } from './read-modules.ts';
import { refuseOuter, refusePart } from './wrong-directory.ts';

/** Files beside the modules that are kept, and how large one may be. */
const KEPT = /^modules\.[^/]+$/;
const KEPT_LIMIT = 64 * 1024 * 1024;
const MODULE = /\.ko(\.gz|\.xz|\.zst)?$/;

/** What is kept of a file in a package: the bytes of one beside the modules, or what the task made of a module. */
export type Kept<T> = { readonly bytes: Buffer } | { readonly outcome: ModuleOutcome<T> };

/** The kernels of a package, or the one of a directory, which is taken whatever its name. */
export type Layer<T> = { readonly from: string; readonly trees: ReadonlyMap<string, KernelTree<Kept<T>>> } | DiskLayer;

interface DiskLayer {
  readonly name: string;
  readonly entries: readonly [string, LayerEntry<never>][];
}

interface PackageOptions extends ReadModulesOptions {
  /** Which kernel to read. Default: all. */
  readonly packagedRelease?: string | undefined;
  /** Called while it is read, with the bytes read so far. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** What a package has of every kernel, or of the one asked for. */
export async function readPackage<T>(from: string, task: ModuleTask<T>, options: PackageOptions): Promise<Layer<T>> {
  if (!(await isPackage(from)))
    throw new ModaliasError(
      'bad-package',
      'is neither a directory nor a package; expected a modules directory, a .deb, an .rpm or a tar archive',
      { file: from },
    );
  const jobs = Math.max(1, options.workers ?? DEFAULT_WORKERS);
  const free = Array.from({ length: jobs }, () => moduleMemory(options.limit));
  const trees = await readPackageTrees<Kept<T>>(from, {
    wants: (path, release) =>
      KEPT.test(path) ||
      (MODULE.test(path) && (options.packagedRelease === undefined || release === rawPath(options.packagedRelease))),
    visit: (bytes, path, file) => {
      if (!MODULE.test(path)) return keep(bytes, file);
      const memory = free.pop()!;
      const kept = (outcome: ModuleOutcome<T>) => {
        free.push(memory);
        return { outcome };
      };
      const made = outcomeOf(bytes, { name: nameOf(path), file }, memory, task);
      return made instanceof Promise ? made.then(kept) : kept(made);
    },
    isAtOnce: (bytes, path) => !MODULE.test(path) || !isPacked(bytes),
    onBytes: options.onBytes,
    jobs,
    limit: options.limit ?? DEFAULT_UNPACKED_LIMIT,
  });
  if (trees.size === 0)
    throw new ModaliasError(
      'no-modules',
      'the package has nothing below lib/modules/RELEASE; expected one with kernel modules',
      { file: from },
    );
  return { from, trees };
}

function keep(bytes: Uint8Array, file: string): { bytes: Buffer } {
  if (bytes.length > KEPT_LIMIT)
    throw new ModaliasError('too-big', `larger than ${KEPT_LIMIT} bytes, the most that is read at once`, { file });
  return { bytes: Buffer.from(bytes) };
}

/** A package's tree as a layer. */
export function* packageLayer<T>(
  { from, trees }: Extract<Layer<T>, { from: string }>,
  release: string,
): Generator<[string, LayerEntry<Kept<T>>]> {
  for (const [path, entry] of trees.get(release) ?? [])
    yield [path, entry.kind === 'file' ? { ...entry, member: { from, ...entry.at } } : entry];
}

/** Throws what `openModulesDirectory` does about a directory that is not one. */
export function readDirectory(path: string): DiskLayer {
  const root = rawPath(resolve(path));
  const entries = diskLayer(root);
  refusePart(root, path);
  refuseOuter(
    root,
    entries.flatMap(([below]) => (MODULE.test(below) ? [{ path: `${root}/${below}` }] : [])),
    path,
  );
  return { name: basename(root), entries };
}

/** How the name of a directory begins that is a release. */
const RELEASE = /^\d+\.\d+/;

/**
 * The one kernel that the packages hold, or the one asked for; that of directories alone is the last one's name. Throws
 * `several-kernels` for directories that are named for different releases: their modules are not one kernel's.
 */
export function chooseRelease(
  inputs: readonly string[],
  layers: readonly Layer<unknown>[],
  asked: string | undefined,
): string {
  needOptionalText('options.packagedRelease', asked);
  const held = [...new Set(layers.flatMap((layer) => ('trees' in layer ? [...layer.trees.keys()] : [])))].sort();
  const list = held.map(readablePath).join(', ');
  const file = inputs.join(', ');
  const named = [...new Set(layers.flatMap((layer) => ('trees' in layer ? [] : [layer.name])))];
  const releases = named.filter((name) => RELEASE.test(name)).map(readablePath);
  if (releases.length > 1)
    throw new ModaliasError('several-kernels', `are of several kernels (${releases.join(', ')}); name those of one`, {
      file,
    });
  if (held.length === 0) {
    const { name } = layers.at(-1) as DiskLayer;
    if (asked !== undefined && name !== rawPath(asked)) throw otherKernel(asked, readablePath(name), inputs.at(-1)!);
    return name;
  }
  if (asked !== undefined && !held.includes(rawPath(asked)))
    throw new ModaliasError('no-such-kernel', `no kernel ${asked} is in it; it holds ${list}`, { file });
  if (asked === undefined && held.length > 1)
    throw new ModaliasError('several-kernels', `holds several kernels; choose one of them with --release: ${list}`, {
      file,
    });
  return asked === undefined ? held[0]! : rawPath(asked);
}

/** Throws `no-such-kernel` where a directory on disk is not of the release that is asked for, by its name. */
export function checkRelease(path: string, asked: string | undefined): void {
  needOptionalText('options.packagedRelease', asked);
  const name = basename(resolve(path));
  if (asked !== undefined && asked !== name) throw otherKernel(asked, name, path);
}

function otherKernel(asked: string, name: string, file: string): ModaliasError {
  return new ModaliasError('no-such-kernel', `is the modules directory of ${name}; expected ${asked}`, { file });
}

export function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new ModaliasError('unreadable', `cannot search for modules: ${systemReason(error)}`, { file: path });
  }
}
