import { parseFields } from '../../../match/fields.ts';
import { overrideOf } from '../../prefix.ts';
import type { LintAlias } from '../lint-module.ts';
import { aliasLines, type LintRule } from '../lint-rule.ts';

export const variantWithoutGeneric: LintRule = {
  severity: 'warning',
  what: 'a driver for some devices with an override prefix is there, but none for all others',
  why: 'A tool that gives a device to VFIO looks its modalias up with vfio_ before it, and takes the most specific driver. Behind variants such as mlx5_vfio_pci stands vfio_pci, whose alias matches every device; where it is missing, all devices but those of the variants have no VFIO driver, and `vfio resolve` finds none.',
  fix: 'Build and ship the generic driver too: CONFIG_VFIO_PCI, CONFIG_VFIO_CDX.',
  fires: aliasLines('vfio_pci:v00001234d00000001sv*sd*bc*sc*i* acme_vfio_pci'),
  silent: aliasLines('vfio_pci:v00001234d00000001sv*sd*bc*sc*i* acme_vfio_pci', 'vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci'),
  across({ isWhole, kernel }) {
    const variants = new Map<string, { readonly module: string; readonly file: string; readonly alias: LintAlias }>();
    const generic = new Set<string>();
    const take = (text: string, variant: (prefix: string) => void) => {
      const override = overrideOf(text);
      if (!override) return;
      if (parseFields(text)?.values.every((value) => /^\**$/.test(value))) generic.add(override.prefix);
      else if (!variants.has(override.prefix)) variant(override.prefix);
    };
    return {
      see({ module, file, aliases }) {
        if (!isWhole) return;
        for (const alias of aliases) take(alias.alias, (prefix) => variants.set(prefix, { module, file, alias }));
      },
      *done() {
        if (variants.size > 0) for (const alias of kernel?.knownAliases() ?? []) take(alias, () => {});
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
