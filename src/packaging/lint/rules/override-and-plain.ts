import { isIncluded } from '../../../pattern/inclusion.ts';
import { normalizeAlias } from '../../../pattern/normalize.ts';
import { tokenize } from '../../../pattern/tokens.ts';
import { overrideOf } from '../../prefix.ts';
import { aliasLines, type LintRule } from '../lint-rule.ts';

export const overrideAndPlain: LintRule = {
  severity: 'error',
  what: 'a row for driver_override only has its devices claimed without it, too',
  why: 'A `vfio_pci:` alias is for drivers that bind a device only where its driver_override names them. If the same module has a plain alias for these devices, they load it at boot, and it takes them from their own driver.',
  fix: 'Set override_only (PCI_DRIVER_OVERRIDE_DEVICE_VFIO) on every row that covers the device, or split the module.',
  fires: aliasLines(
    'vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci',
    'vfio_pci:v00001234d00000001sv*sd*bc*sc*i* acme_vfio',
    'pci:v00001234d00000001sv*sd*bc*sc*i* acme_vfio',
  ),
  silent: aliasLines(
    'vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci',
    'vfio_pci:v00001234d00000001sv*sd*bc*sc*i* acme_vfio',
    'pci:v00001234d00000001sv*sd*bc*sc*i* acme_net',
  ),
  mentions: ['_pci:', '_cdx:'],
  *module({ aliases }) {
    const overrides = aliases.flatMap((alias) => {
      const override = overrideOf(alias.alias);
      return override ? [{ alias, tokens: tokensOf(override.plain) }] : [];
    });
    if (overrides.length === 0) return;
    const plain = aliases
      .filter(({ alias }) => /^(?:pci|cdx):/.test(alias))
      .map(({ alias }) => ({ alias, tokens: tokensOf(alias) }));
    for (const { alias, tokens } of overrides) {
      const wider = plain.find((other) => tokens && other.tokens && isIncluded(tokens, other.tokens));
      if (wider) yield { alias, message: `the module claims the same devices without driver_override: ${wider.alias}` };
    }
  },
};

function tokensOf(alias: string) {
  const pattern = normalizeAlias(alias);
  return pattern === undefined ? undefined : tokenize(pattern, 'alias');
}
