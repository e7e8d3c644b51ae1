import { isServed } from '../../served-drivers.ts';
import { type LintRule, moduleFile } from '../lint-rule.ts';

const REGISTERS = [
  'static struct pci_driver acme_driver = { .id_table = acme_ids, .. };',
  'module_pci_driver(acme_driver);',
];

export const driverWithoutTable: LintRule = {
  severity: 'note',
  needs: 'code',
  what: 'a module registers a driver but has no id table for it',
  why: 'Without MODULE_DEVICE_TABLE the module has no alias, and no device of the bus loads it. That is meant for stubs, for drivers that get their ids at run time, and where another module loads this one; elsewhere the line was forgotten.',
  fix: 'Add MODULE_DEVICE_TABLE(bus, table) below the table, with the type of the bus that the driver is registered on.',
  fires: moduleFile({ imports: ['__pci_register_driver'] }, ...REGISTERS),
  silent: moduleFile(
    { imports: ['__pci_register_driver'], aliases: ['pci:v00008086d00001533sv*sd*bc*sc*i*'] },
    'MODULE_DEVICE_TABLE(pci, acme_ids);',
    ...REGISTERS,
  ),
  *module({ drivers = [], tables = [], aliases }) {
    if (drivers.length === 0) return;
    const types = tables.map(({ bus }) => bus.name);
    const texts = aliases.map(({ alias }) => alias);
    for (const { bus, by } of drivers)
      if (!isServed(bus, types, texts))
        yield {
          message: `registers a ${bus.name} driver (${by}) but has no id table (MODULE_DEVICE_TABLE) and no alias for it: its devices do not load it`,
        };
  },
};
