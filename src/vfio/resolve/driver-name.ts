import fs from 'node:fs';
import path from 'node:path';
import { ModaliasError } from '../../errors.ts';
import { openIndex } from '../../index-file/index-reader.ts';
import { searchExact } from '../../index-file/index-search.ts';
import type { Tree } from '../sysfs/tree.ts';

/** Where a driver's name was found. */
export type DriverSource =
  /** /sys/module/MODULE/drivers/BUS:NAME: the module is loaded or built in. */
  | 'sysfs'
  /** The relocations of the module's file. */
  | 'module-file'
  /** The table of kernel facts in buses.ts. */
  | 'fact';

export interface DriverName {
  /** Null if not known; it is never assumed to be the module's name. */
  readonly name: string | null;
  readonly source: DriverSource | null;
  /** The file or directory that names the driver, or why none does. */
  readonly from: string;
}

/**
 * The name with which a module registers its driver on a bus. `modules` is a modules directory; without one only sysfs
 * is read. Several drivers of one module on the bus leave the name unknown.
 */
export async function driverOfModule(
  sysfs: Tree,
  bus: string,
  module: string,
  modules: string | null,
): Promise<DriverName> {
  const at = `module/${module}/drivers`;
  const loaded = sysfs.list(at).flatMap((name) => (name.startsWith(`${bus}:`) ? [name.slice(bus.length + 1)] : []));
  if (loaded.length === 1)
    return { name: loaded[0]!, source: 'sysfs', from: `${sysfs.root}/${at}/${bus}:${loaded[0]}` };
  if (loaded.length > 1)
    return unknown(`${module} has several drivers for ${bus}: ${loaded.join(', ')}; choose one with --driver`);
  if (modules === null) return unknown(`${module} is not loaded, and no modules directory was given`);
  try {
    const file = moduleFile(modules, module);
    if (file === undefined) return unknown(`${module} is not loaded and not listed in ${modules}/modules.dep`);
    // Reading modules loads decoders, which a loaded driver does not need.
    const { moduleMemory, withModule } = await import('../../module/module-file.ts');
    const { driverNames } = await import('./module-drivers.ts');
    const names = await withModule(file, moduleMemory(), (elf) => driverNames(elf, bus));
    if (names.length === 1) return { name: names[0]!, source: 'module-file', from: file };
    if (names.length > 1)
      return unknown(`${file} has several drivers for ${bus}: ${names.join(', ')}; choose one with --driver`);
    return unknown(`${file} does not name the driver; load it (modprobe ${module}) and try again`);
  } catch (error) {
    if (error instanceof ModaliasError) return unknown(error.message);
    throw error;
  }
}

function unknown(why: string): DriverName {
  return { name: null, source: null, from: why };
}

/** The file of a module by modules.dep; undefined if not listed. */
function moduleFile(directory: string, module: string): string | undefined {
  const file = depLine(directory, module)?.split(':', 1)[0];
  return file === undefined ? undefined : path.resolve(directory, file);
}

/**
 * What modules.dep says about a module: null if not listed, else whether it depends on vfio or vfio_pci_core, as VFIO
 * drivers do.
 */
export function moduleUsesVfio(directory: string, module: string): boolean | null {
  const line = depLine(directory, module);
  return line === undefined ? null : /[/ ]vfio(?:[-_]pci[-_]core)?\.ko/.test(line.slice(line.indexOf(':') + 1));
}

/** A module's line in modules.dep.bin, or in the text of modules.dep if that is missing. */
function depLine(directory: string, module: string): string | undefined {
  return fromIndex(directory, module) ?? fromText(directory, module);
}

function fromIndex(directory: string, module: string): string | undefined {
  const at = path.join(directory, 'modules.dep.bin');
  const bytes = readOptional(at);
  if (bytes === undefined || bytes.length === 0) return undefined;
  return searchExact(openIndex(bytes, at).root(), module)?.value;
}

function fromText(directory: string, module: string): string | undefined {
  const text = readOptional(path.join(directory, 'modules.dep'))?.toString('latin1') ?? '';
  const stem = module.replaceAll(/[-_]/g, '[-_]').replaceAll(/[^\w[\]-]/g, '');
  return new RegExp(`^(?:[^:\\n]*/)?${stem}\\.ko[^:/\\n]*:.*$`, 'm').exec(text)?.[0];
}

function readOptional(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}
