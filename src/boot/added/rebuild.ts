import type { Layer } from '../files/files.ts';
import { memoryLayer } from '../files/layers.ts';
import { probeList } from '../modules/probe-list.ts';
import type { AddedFile } from './added.ts';
import type { NewContent, System } from './content.ts';
import { dracutImage } from './rebuild-dracut.ts';
import { initramfsToolsImage } from './rebuild-initramfs-tools.ts';
import type { Maker } from './sections.ts';

const MAKERS: Readonly<Record<Maker, (system: System, content: NewContent) => void>> = {
  'initramfs-tools': initramfsToolsImage,
  dracut: dracutImage,
};

/** Lists of a modules directory that are made for what an image holds. */
const LISTS = ['dep', 'alias', 'softdep', 'builtin', 'builtin.modinfo', 'order', 'symbols', 'weakdep'];

/**
 * What an image gains when it is made again of a root with new files. What the image has already stays: the hooks that
 * choose the usual modules and programs are not run.
 */
export function rebuiltLayers(system: System, maker: Maker): Layer[] {
  const files = new Map<string, AddedFile>();
  const { root, image, modules } = system;
  const put = (path: string, text: string, label: string) =>
    files.set(path.replace(/^\/+/, ''), {
      bytes: Buffer.from(text, 'latin1'),
      label: `${label}, in the new initramfs`,
    });
  const { directory } = modules;
  const own = image.real('lib/modules') ?? 'lib/modules';
  const at = directory === null ? undefined : `${own}/${directory.slice(directory.lastIndexOf('/') + 1)}`;
  const module = (name: string) => {
    for (const { module: found } of probeList(modules, name, { applyBlacklist: false, ignoreCommands: true })
      .insertions) {
      const file = modules.file(found);
      if (file !== undefined && at !== undefined) put(`${at}/${file}`, '', file);
    }
  };
  MAKERS[maker](system, { put, module });
  if (at !== undefined) {
    // Of a module that is there, softdeps come along.
    for (const name of modules.names()) {
      const file = modules.file(name);
      if (file !== undefined && image.exists(`${at}/${file}`)) module(name);
    }
    for (const list of LISTS) {
      const text = root.text(`${directory}/modules.${list}`);
      if (text !== undefined) put(`${at}/modules.${list}`, text, root.label(`${directory}/modules.${list}`));
      // The index would be that of the old image.
      if (list !== 'builtin.modinfo') put(`${at}/modules.${list}.bin`, '', `modules.${list}.bin`);
    }
    put(`${at}/modules.builtin.alias.bin`, '', 'modules.builtin.alias.bin');
  }
  return [memoryLayer(files)];
}
