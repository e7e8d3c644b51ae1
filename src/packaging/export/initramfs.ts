import { shortened } from '../../errors.ts';
import type { Served } from './choose.ts';
import type { ExportFormat, Unmatched } from './export.ts';

/** dracut-install reads lines into 2048 bytes, and takes the rest of a longer one for another module. */
const LONGEST_COMMENT = 150;
/** A processor's modalias lists each of its features. */
const LONGEST_DEVICE = 70;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/;

/**
 * A list that initramfs-tools (/etc/initramfs-tools/modules), dracut (DRACUT_KERNEL_MODALIASES) and mkinitcpio
 * (MODULES, autodetect) take alike: names with underscores, one per line, sorted; comments on lines of their own, as
 * initramfs-tools takes what follows a name for the module's parameters.
 */
export const initramfs: ExportFormat = {
  about: 'modules for initramfs-tools, dracut and mkinitcpio',
  write({ modules, devices }) {
    const written = modules.filter(({ module }) => NAME.test(module));
    const unmatched: Unmatched[] = modules
      .filter(({ module }) => !NAME.test(module))
      .map(({ module }) => ({
        pattern: null,
        modules: [module],
        reader: null,
        why: 'as this is not the name of a module',
      }));
    const count = devices ? `${devices.all} ${devices.all === 1 ? 'device' : 'devices'}` : 'every device that has one';
    const lines = [`# modalias export initramfs: the loadable modules for ${count}`];
    for (const served of written) lines.push(comment(served), served.module);
    return {
      text: `${lines.join('\n')}\n`,
      entries: written.map(({ module, devices: sure, possible }) => ({ module, devices: sure, possible })),
      wider: [],
      unmatched,
    };
  },
};

/** The devices of a module, as many as fit. */
function comment({ devices, possible, patterns }: Served): string {
  const named = [...devices.map(shown), ...possible.map((modalias) => `perhaps ${shown(modalias)}`)];
  if (named.length === 0) return `# ${patterns} ${patterns === 1 ? 'pattern' : 'patterns'}`;
  let line = '#';
  for (const [i, name] of named.entries()) {
    if (line.length + name.length > LONGEST_COMMENT) return `${line} and ${named.length - i} more`;
    line += `${i === 0 ? '' : ','} ${name}`;
  }
  return line;
}

function shown(modalias: string): string {
  return shortened(modalias.replaceAll(/[^\x20-\x7e]/g, '?'), LONGEST_DEVICE);
}
