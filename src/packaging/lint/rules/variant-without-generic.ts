import { parseFields } from '../../../match/fields.ts';
import { overrideOf } from '../../prefix.ts';
import type { LintAlias } from '../lint-module.ts';
import { aliasLines, type LintRule } from '../lint-rule.ts';

export const variantWithoutGeneric: LintRule = {
  severity: 'warning',
  what: 'there is a driver for some devices with an override prefix, but none for all others',
  why: 'A tool that gives a device to VFIO looks its modalias up with vfio_ before it, and takes the most specific driver. Variants such as mlx5_vfio_pci serve a few devices, and vfio_pci, whose alias matches every device, serves the rest; where that is missing, only the devices of the variants have a VFIO driver, and `vfio resolve` finds none for the others.',
  fix: 'Build and ship the generic driver too: CONFIG_VFIO_PCI, CONFIG_VFIO_CDX.',
  fires: aliasLines('vfio_pci:v00001234d00000001sv*sd*bc*sc*i* acme_vfio_pci'),
  silent: aliasLines('vfio_pci:v00001234d00000001sv*sd*bc*sc*i* acme_vfio_pci', 'vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci'),
  mentions: ['_pci:', '_cdx:'],
  across({ isWhole, kernel }) {
    const variants = new Map<string, { readonly module: string; readonly file: string; readonly alias: LintAlias }>();
    const generic = new Set<string>();
    /** The prefix of an alias for some devices; one for every device is kept, and undefined like any other. */
    const variantOf = (text: string): string | undefined => {
      const override = overrideOf(text);
      if (!override) return undefined;
      if (!parseFields(text)?.values.every((value) => /^\**$/.test(value))) return override.prefix;
      generic.add(override.prefix);
      return undefined;
    };
    return {
      see({ module, file, aliases }) {
        if (!isWhole) return;
        for (const alias of aliases) {
          const prefix = variantOf(alias.alias);
          if (prefix !== undefined && !variants.has(prefix)) variants.set(prefix, { module, file, alias });
        }
      },
      *done() {
        const isOpen = [...variants.keys()].some((prefix) => !generic.has(prefix));
        if (isOpen) for (const alias of kernel?.knownAliases() ?? []) variantOf(alias);
        for (const [prefix, { module, file, alias }] of variants)
          if (!generic.has(prefix))
            yield {
              module,
              file,
              alias,
              message: `a ${prefix}: driver for some devices, but no module has an alias for every other (${prefix}:v*d*..): they have no driver behind it`,
            };
      },
    };
  },
};
