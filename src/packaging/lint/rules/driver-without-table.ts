import { FINDING_RULES } from '../../rules.ts';
import { type LintRule, moduleFile } from '../lint-rule.ts';
import { strayTables, tablelessDrivers } from './wrong-table-type.ts';

const REGISTERS = [
  'static struct pci_driver acme_driver = { .id_table = acme_ids, .. };',
  'module_pci_driver(acme_driver);',
];

export const driverWithoutTable: LintRule = {
  severity: FINDING_RULES['driver-without-table'].severity,
  needs: 'code',
  what: FINDING_RULES['driver-without-table'].about,
  why: 'Without MODULE_DEVICE_TABLE the module has no alias, and no device of the bus loads it. That is meant for stubs, for drivers that get their ids at run time, and where another module loads this one; elsewhere the line was forgotten.',
  fix: 'Add MODULE_DEVICE_TABLE(bus, table) below the table, with the type of the bus that the driver is registered on.',
  fires: moduleFile({ imports: ['__pci_register_driver'] }, ...REGISTERS),
  silent: moduleFile(
    { imports: ['__pci_register_driver'], aliases: ['pci:v00008086d00001533sv*sd*bc*sc*i*'] },
    'MODULE_DEVICE_TABLE(pci, acme_ids);',
    ...REGISTERS,
  ),
  *module(module) {
    const drivers = tablelessDrivers(module);
    // wrong-table-type says what is wrong with the first of them.
    const known =
      module.diagnostics.some(({ code }) => code === 'table-size') || strayTables(module).length > 0 ? 1 : 0;
    for (const { bus, by } of drivers.slice(known))
      yield {
        message: `registers a ${bus.name} driver (${by}) but has no id table (MODULE_DEVICE_TABLE) and no alias for it: its devices do not load it`,
      };
  },
};
