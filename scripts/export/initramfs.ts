import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { knownDevice } from '../../src/inventory/known-device.ts';
import { moduleName } from '../../src/pattern/normalize.ts';
import { mustInRoot } from '../debian/root.ts';
import { mustRun } from '../debian/run.ts';
import { cli } from '../kernels/check.ts';
import { libkmodLookup, libkmodProgram } from '../libkmod/libkmod.ts';
import type { Questions } from './exported.ts';
import type { Reader } from './reader.ts';

/** Devices for mkinitramfs, which starts modprobe for each line. */
const FOR_MKINITRAMFS = 40;

/**
 * The list for the keys has all modules that libkmod finds for them. mkinitramfs makes the same image of it as of the
 * modaliases themselves, which it looks up through modprobe; dracut-install takes every module on it, and no other but
 * those that they need.
 */
export const initramfs: Reader = {
  name: 'initramfs',
  check(_root, copy, questions) {
    const failures: string[] = [];
    const { kernel } = questions;
    // Modules that may serve a device known in part are on the list, too.
    const keys = questions.keys.filter((key) => knownDevice(key).unknown.length === 0);
    mkdirSync(path.join(copy, 'usr/lib/modules'), { recursive: true });
    mustRun('cp', ['-al', kernel.indexed, path.join(copy, 'usr/lib/modules/')]);
    const list = listFor(questions, keys);
    const program = libkmodProgram(path.join(copy, 'tmp'));
    const asked = libkmodLookup(program, kernel.indexed, keys).flat();
    const loadable = new Set(namesBelow(kernel.indexed));
    const expected = new Set(asked.filter((module) => loadable.has(module)));
    const modules = namesOf(list);
    for (const module of expected) if (!modules.has(module)) failures.push(`${module} is not on the list`);
    const more = [...modules].filter((module) => !expected.has(module));
    if (more.length > 0) failures.push(`on the list for no key: ${more.join(' ')}`);
    const installed = dracut(copy, kernel.release, list);
    const missing = [...modules].filter((module) => !installed.has(module));
    if (missing.length > 0) failures.push(`dracut-install leaves out ${missing.join(' ')}`);
    const lookUp = (names: readonly string[]) => libkmodLookup(program, kernel.indexed, names);
    const needed = neededBy(modules, kernel.indexed, lookUp);
    const odd = [...installed].filter((module) => !needed.has(module));
    if (odd.length > 0) failures.push(`dracut-install adds ${odd.join(' ')}`);
    const few = keys.filter((_, i) => i % Math.floor(keys.length / FOR_MKINITRAMFS) === 0);
    const [byNames, byModaliases] = [listFor(questions, few), `${few.join('\n')}\n`].map((text) =>
      image(copy, kernel.release, text),
    ) as [string, string];
    if (byNames !== byModaliases) failures.push('mkinitramfs makes another image of the list than of the modaliases');
    const count = byNames.split('\n').length;
    const figure = `${modules.size} modules for ${keys.length} keys as libkmod finds them, ${installed.size} by dracut-install; ${few.length} keys by mkinitramfs, ${count} modules`;
    return { failures, figure };
  },
};

/** The list for devices, of which all is known. */
function listFor({ kernel }: Questions, keys: readonly string[]): string {
  const { status, stdout, stderr } = cli(['export', 'initramfs', '-m', kernel.indexed, '-d', '-'], {
    input: `${keys.join('\n')}\n`,
  });
  if (status !== 0) throw new Error(`export initramfs exits ${status}: ${stderr}`);
  return stdout.toString('latin1');
}

const namesOf = (list: string) => new Set(list.split('\n').filter((line) => line !== '' && !line.startsWith('#')));

function namesBelow(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => /\.ko(\.\w+)?$/.test(file)).map((file) => moduleName(path.basename(file)));
}

/** What dracut-install puts into an image for hosts with these modules, of all that the kernel has. */
function dracut(copy: string, release: string, list: string): Set<string> {
  writeFileSync(path.join(copy, 'tmp/list'), list);
  const image = `/tmp/image-${release}`;
  mkdirSync(path.join(copy, image), { recursive: true });
  const kernel = `/lib/modules/${release}`;
  const folders = readdirSync(path.join(copy, 'usr', kernel, 'kernel')).map((name) => `=${name}`);
  const program = ['env', 'DRACUT_KERNEL_MODALIASES=/tmp/list', '/usr/lib/dracut/dracut-install'];
  mustInRoot(copy, [...program, '-D', image, '--kerneldir', kernel, '-H', '-o', '--silent', '-m', ...folders]);
  return new Set(namesBelow(path.join(copy, image)));
}

/** Modules with what modules.dep and modules.softdep say that they need; a soft dependency may be an alias. */
function neededBy(
  modules: ReadonlySet<string>,
  folder: string,
  lookUp: (names: readonly string[]) => readonly (readonly string[])[],
): Set<string> {
  const needs = new Map<string, string[]>();
  const add = (module: string, others: readonly string[]) =>
    needs.set(module, [...(needs.get(module) ?? []), ...others]);
  const words = (text: string) => text.split(' ').filter(Boolean);
  const nameOf = (file: string) => moduleName(path.basename(file));
  for (const line of readFileSync(path.join(folder, 'modules.dep'), 'latin1').split('\n').filter(Boolean)) {
    const [file, others] = line.split(':') as [string, string];
    add(nameOf(file), words(others).map(nameOf));
  }
  const soft = readFileSync(path.join(folder, 'modules.softdep'), 'latin1').matchAll(/^softdep (\S+) (.*)$/gm);
  for (const [, module, others] of soft)
    add(moduleName(module!), lookUp(words(others!).filter((word) => !word.endsWith(':'))).flat());
  const found = new Set(modules);
  for (const module of found) for (const other of needs.get(module) ?? []) found.add(other);
  return found;
}

/** The modules in an image of initramfs-tools whose /etc/initramfs-tools/modules is this, sorted. */
function image(copy: string, release: string, modules: string): string {
  const conf = path.join(copy, 'tmp/conf');
  for (const name of ['hooks', 'scripts', 'conf.d']) mkdirSync(path.join(conf, name), { recursive: true });
  writeFileSync(path.join(conf, 'initramfs.conf'), 'MODULES=list\nBUSYBOX=n\nKEYMAP=n\nCOMPRESS=gzip\n');
  writeFileSync(path.join(conf, 'modules'), modules);
  mustInRoot(copy, ['mkinitramfs', '-d', '/tmp/conf', '-o', '/tmp/initrd', release]);
  const files = mustInRoot(copy, ['lsinitramfs', '/tmp/initrd']).split('\n');
  return files
    .filter((file) => /\.ko(\.\w+)?$/.test(file))
    .sort()
    .join('\n');
}
