import { readFileSync } from 'node:fs';
import { parseRecipe, type RecipeEvent } from '../../../src/model/script/recipe.ts';

/** A write below bus/pci. */
export function write(path: string, data: string, mayFail = false): RecipeEvent {
  return { kind: 'write', path: `bus/pci/${path}`, data: `${data}\n`, mayFail };
}

const CARD = '0000:01:00.0';
const load: RecipeEvent = { kind: 'load', module: 'vfio-pci' };
const override = (name = 'vfio-pci') => write(`devices/${CARD}/driver_override`, name);
const unbind = write('drivers/e1000e/unbind', CARD, true);
const bind = write('drivers/vfio-pci/bind', CARD, true);
const readBack: RecipeEvent = { kind: 'expect', device: CARD, driver: 'vfio-pci' };

/** Ways to give the first card of `two-like-nics` to vfio-pci. */
export const WAYS: Readonly<Record<string, readonly RecipeEvent[]>> = {
  new_id: [
    load,
    write('drivers/vfio-pci/new_id', '8086 10d3', true),
    unbind,
    bind,
    write('drivers/vfio-pci/remove_id', '8086 10d3', true),
  ],
  'override, bind': [load, override(), unbind, bind],
  'override, bind, read back': [load, override(), unbind, bind, readBack],
  'override, probe': [load, override(), unbind, write('drivers_probe', CARD)],
  'unbind first': [load, unbind, override(), write('drivers_probe', CARD)],
  'module name': [load, override('vfio_pci'), unbind, write('drivers_probe', CARD)],
  'autoprobe off around new_id': [
    load,
    write('drivers_autoprobe', '0'),
    write('drivers/vfio-pci/new_id', '8086 10d3', true),
    unbind,
    bind,
    write('drivers/vfio-pci/remove_id', '8086 10d3', true),
    write('drivers_autoprobe', '1'),
  ],
};

const sample = (name: string): readonly RecipeEvent[] =>
  parseRecipe(readFileSync(`samples/recipes/${name}.json`, 'utf8'), name).events;

/** A look at the driver after the bind, from where it begins again; and the same with the device open, in use. */
export const RETRIED = sample('override-bind-look');
export const HELD = sample('override-bind-hold');

/** Something else that a program does after it has looked. */
export const MORE: RecipeEvent = { kind: 'load', module: 'vfio_iommu_type1' };
