import { expect, test } from 'vitest';
import { tableSymbols } from '../../src/bus/symbols.ts';
import { parseRelease } from '../../src/release.ts';
import { atRelease } from '../../src/release-history.ts';

const groups = (release: string, symbol: string) => ({
  ...atRelease(tableSymbols, parseRelease(release))?.exec(symbol)?.groups,
});

test.each([
  ['5.10', '__mod_pci__e1000_pci_tbl_device_table', { bus: 'pci', table: 'e1000_pci_tbl' }],
  ['6.12', '__mod_pnp_card__snd_als100_pnpids_device_table', { bus: 'pnp_card', table: 'snd_als100_pnpids' }],
  ['6.13', '__mod_device_table__of__ids', { bus: 'of', table: 'ids' }],
  ['6.17', '__mod_device_table__mhi_ep__a__b', { bus: 'mhi_ep', table: 'a__b' }],
  ['6.18', '__mod_device_table__kmod_e1000e__pci__e1000_tbl', { module: 'e1000e', bus: 'pci', table: 'e1000_tbl' }],
  [
    '7.2',
    '__mod_device_table__13__kmod_ax88796b_rust__mdio__TABLE',
    { module: 'ax88796b_rust', bus: 'mdio', table: 'TABLE' },
  ],
  ['7.2', '__mod_device_table__of__ids', {}],
  ['5.10', '__mod_pci_device_table', {}],
])('tableSymbols of %s: %s', (release, symbol, expected) => {
  expect(groups(release, symbol)).toEqual(expected);
});
