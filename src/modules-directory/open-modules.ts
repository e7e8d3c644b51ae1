import { statSync } from 'node:fs';
import { ModaliasError } from '../errors.ts';
import { rawPath, readablePath } from '../files/raw-path.ts';
import { moduleMemory } from '../module/module-file.ts';
import { readPackageTrees } from '../package/tree.ts';
import { LayeredFiles, type LayerFile } from './layered-files.ts';
import {
  checkRelease,
  chooseRelease,
  isDirectory,
  type Kept,
  type Layer,
  packageLayer,
  readDirectory,
  readPackage,
} from './layers.ts';
import { type ModuleTask, type NamedModule, nameOf, outcomeOf } from './module-task.ts';
import {
  type ModulesDirectory,
  type ModulesDirectoryOptions,
  openModulesDirectory,
  openModulesTree,
} from './modules-directory.ts';
import { type ModuleOutcome, type ReadModulesOptions, readModules } from './read-modules.ts';
import { diskFiles, type TreeFiles } from './tree-files.ts';
import type { FoundModule } from './tree-scan.ts';

export interface OpenModulesOptions extends ModulesDirectoryOptions, ReadModulesOptions {
  /** Which kernel to take of packages that hold several. */
  readonly packagedRelease?: string | undefined;
  /** Called while packages are read, with the bytes read of all of them. Default: nothing is called. */
  readonly onRead?: ((bytes: number, total: number) => void) | undefined;
}

/** The modules of one kernel. */
export interface OpenedModules<T> {
  readonly directory: ModulesDirectory;
  /** Its files, by paths below `directory.root`. */
  readonly files: TreeFiles;
  /** Whether a package is among the inputs. */
  readonly packaged: boolean;
  /** The path of the package that a module lies in; undefined for one on disk. */
  readonly packageOf: (module: FoundModule) => string | undefined;
  /** What the task made of modules that were found, in the order given. */
  readonly read: (modules: readonly FoundModule[]) => AsyncIterable<ModuleOutcome<T>>;
  /** What another task makes of modules, in the order given; packages are read once more. */
  readonly again: <U>(modules: readonly FoundModule[], task: ModuleTask<U>) => AsyncIterable<ModuleOutcome<U>>;
}

interface Place {
  readonly module: FoundModule;
  readonly file: LayerFile<unknown>;
  /** What messages call it. */
  readonly shown: string;
}

/**
 * Opens modules directories and packages (.deb, .rpm, tar) laid over each other, later ones winning file by file, and
 * runs `task` on each module. Packages are read once, in their own order, and nothing is unpacked to disk; what is in a
 * directory is read when it is asked for. Throws what `openModulesDirectory` and `readPackageTrees` throw, `no-modules`
 * for a package without any lib/modules, `several-kernels`, and `no-such-kernel` where no package has the one asked
 * for.
 */
export async function openModules<T>(
  inputs: readonly string[],
  task: ModuleTask<T>,
  options: OpenModulesOptions = {},
): Promise<OpenedModules<T>> {
  const only = inputs.length === 1 ? inputs[0]! : undefined;
  if (only !== undefined && isDirectory(only)) {
    checkRelease(only, options.packagedRelease);
    const directory = openModulesDirectory(only, options);
    const read = <U>(modules: readonly FoundModule[], made: ModuleTask<U>) =>
      readModules(
        modules.map((module) => module.path),
        (elf, path, ...packed) => made(elf, { name: nameOf(path), file: readablePath(path) }, ...packed),
        options,
      );
    return {
      directory,
      files: diskFiles,
      packaged: false,
      packageOf: () => undefined,
      read: (modules) => read(modules, task),
      again: read,
    };
  }
  const layers: Layer<T>[] = [];
  const sizes = inputs.map((input) => (isDirectory(input) ? 0 : statSync(input).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let before = 0;
  for (const [i, input] of inputs.entries()) {
    const onBytes = (bytes: number) => options.onRead?.(before + bytes, total);
    layers.push(isDirectory(input) ? readDirectory(input) : await readPackage(input, task, { ...options, onBytes }));
    before += sizes[i]!;
  }
  const release = chooseRelease(inputs, layers, options.packagedRelease);
  const root = `${rawPath(inputs.join('+'))}/lib/modules/${release}`;
  const files = new LayeredFiles<Kept<T>>(root, release, (kept) => ('bytes' in kept ? kept.bytes : undefined));
  for (const layer of layers) files.lay('trees' in layer ? packageLayer(layer, release) : layer.entries);
  const named = { ...options, depmodRelease: options.depmodRelease ?? readablePath(release) };
  const directory = openModulesTree(root, named, files);
  const again = <U>(modules: readonly FoundModule[], made: ModuleTask<U>) =>
    readAgain(
      modules.map((module) => ({ module, file: files.fileAt(module.path)!, shown: files.shown(module.path) })),
      made,
      { ...options, packagedRelease: release },
    );
  return {
    directory,
    files,
    packaged: layers.some((layer) => 'trees' in layer),
    packageOf: ({ path }) => files.fileAt(path)?.member?.from,
    read: (modules) => outcomesOf(modules, files, (others) => again(others, task)),
    again,
  };
}

/**
 * What was made of modules when their packages were read; the others are read now: those on disk, and those found under
 * another name.
 */
async function* outcomesOf<T>(
  modules: readonly FoundModule[],
  files: LayeredFiles<Kept<T>>,
  again: (modules: readonly FoundModule[]) => AsyncGenerator<ModuleOutcome<T>>,
): AsyncGenerator<ModuleOutcome<T>> {
  const kept = modules.map(({ path }) => {
    const { value, file } = files.fileAt(path) ?? {};
    return value && 'outcome' in value && files.shown(path) === file ? value.outcome : undefined;
  });
  const others = again(modules.filter((_, i) => !kept[i]));
  for (const outcome of kept) yield outcome ?? (await others.next()).value;
}

async function* readAgain<T>(
  places: readonly Place[],
  task: ModuleTask<T>,
  options: OpenModulesOptions,
): AsyncGenerator<ModuleOutcome<T>> {
  const packed = await readMembers(places, task, options);
  const onDisk = places.filter(({ file }) => file.disk !== undefined);
  const named = new Map<string, NamedModule[]>();
  for (const { module, file, shown } of onDisk)
    named.set(file.disk!, [...(named.get(file.disk!) ?? []), { name: module.name, file: shown }]);
  const outcomes = readModules(
    onDisk.map(({ file }) => file.disk!),
    (elf, path, ...packed) => new Map(named.get(path)!.map((module) => [module.file, task(elf, module, ...packed)])),
    options,
  );
  for (const { module, file, shown } of places) {
    if (file.disk === undefined) {
      const changed = () => new ModaliasError('unreadable', 'the package was changed meanwhile', { file: shown });
      yield packed.get(module.path) ?? { path: rawPath(shown), error: changed() };
      continue;
    }
    const { path, value, error } = (await outcomes.next()).value!;
    yield value ? { path, value: value.get(shown)! } : { path, error };
  }
}

/** Reads packages again for some of their modules; the outcomes by the paths under which they were found. */
async function readMembers<T>(
  places: readonly Place[],
  task: ModuleTask<T>,
  options: OpenModulesOptions,
): Promise<Map<string, ModuleOutcome<T>>> {
  const asked = new Map<string, Map<string, Place[]>>();
  for (const at of places) {
    const { file } = at;
    if (!file.member) continue;
    const { from, release, path } = file.member;
    const inPackage = asked.get(from) ?? new Map<string, Place[]>();
    const place = `${release}/${path}`;
    asked.set(from, inPackage.set(place, [...(inPackage.get(place) ?? []), at]));
  }
  const found = new Map<string, ModuleOutcome<T>>();
  for (const [from, inPackage] of asked) {
    const memory = moduleMemory(options.limit);
    await readPackageTrees(from, {
      wants: (path, release) => inPackage.has(`${release}/${path}`),
      visit: async (bytes, path, _file, release) => {
        for (const { module, shown } of inPackage.get(`${release}/${path}`)!)
          found.set(module.path, await outcomeOf(bytes, { name: module.name, file: shown }, memory, task));
      },
      jobs: 1,
      limit: memory.limit,
    });
  }
  return found;
}
