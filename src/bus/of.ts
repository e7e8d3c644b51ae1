import { chars, pointer } from '../binary/ctype.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';
import { underscoreSpaces } from './define/text.ts';

// of:N*T*Cnvidia,tegra30-fuse
// of:N*T*Cnvidia,tegra30-fuseC*
export const of = defineBus('of', {
  struct: { name: chars(32), type: chars(32), compatible: chars(128), data: pointer },
  any: { name: '', type: '', compatible: '' },
  // drivers/of/base.c:__of_match_node
  endsAt: ['name', 'type', 'compatible'],
  alias: ({ name, type, compatible }, add) => {
    const end = compatible && `${type && '*'}C${compatible}`;
    const alias = underscoreSpaces(`of:N${name || '*'}T${type || '*'}${end}`);
    add.alias(alias);
    add.alias(alias).text('C*');
  },
});

// drivers/of/module.c:of_modalias
export const ofDevice = deviceFormat('of', 'device-tree node', 'N%s=name T%s=type C%s=compatible..C', { loose: true });
