import type { DriverRegistration } from '../../../module/driver-registrations.ts';
import { isServed } from '../../served-drivers.ts';
import type { LintModule } from '../lint-module.ts';
import { type LintRule, moduleFile } from '../lint-rule.ts';

export const wrongTableType: LintRule = {
  severity: 'error',
  needs: 'code',
  what: 'an id table is exported as that of another bus',
  why: 'MODULE_DEVICE_TABLE(usb, acme_ids) over an array of struct pci_device_id compiles. modpost reads the rows as those of the other struct and fails only if their sizes do not fit; otherwise the aliases are garbage: devices of the driver do not load the module, and others may.',
  fix: 'Name the type of the bus that the driver is registered on, which is that of the array: MODULE_DEVICE_TABLE(pci, acme_ids).',
  fires: moduleFile(
    { imports: ['__pci_register_driver'], tables: ['usb'] },
    'static const struct pci_device_id acme_ids[] = { { PCI_DEVICE(0x1234, 0x0001) }, { } };',
    'MODULE_DEVICE_TABLE(usb, acme_ids);',
    'module_pci_driver(acme_driver);',
  ),
  silent: moduleFile(
    { imports: ['__pci_register_driver'], tables: ['pci'] },
    'static const struct pci_device_id acme_ids[] = { { PCI_DEVICE(0x1234, 0x0001) }, { } };',
    'MODULE_DEVICE_TABLE(pci, acme_ids);',
    'module_pci_driver(acme_driver);',
  ),
  *module(module) {
    const [driver] = tablelessDrivers(module);
    const instead = driver && `the module registers a ${driver.bus.name} driver (${driver.by}) without a table`;
    for (const { code, table, message } of module.diagnostics)
      if (code === 'table-size' && table !== undefined)
        yield { table, message: instead === undefined ? message : `${message}; ${instead}` };
    if (!driver) return;
    for (const { bus, name } of strayTables(module))
      yield {
        table: name,
        message: `${name} is exported as a ${bus.name} table, but the module registers no ${bus.name} driver, and ${instead!.replace('the module registers ', '')}: expected MODULE_DEVICE_TABLE(${driver.bus.name}, ${name})`,
      };
  },
};

/** The drivers of a module for which it has neither a table nor an alias. */
export function tablelessDrivers({ drivers = [], tables = [], texts }: LintModule): DriverRegistration[] {
  if (drivers.length === 0) return [];
  const types = tables.map(({ bus }) => bus.name);
  return drivers.filter(({ bus }) => !isServed(bus, types, texts));
}

/** The tables of types that have drivers, of which the module registers none. */
export function strayTables({ drivers = [], tables = [] }: LintModule): NonNullable<LintModule['tables']> {
  return tables.filter(
    ({ bus }) => bus.drivers && bus.drivers.servedBy !== 'any' && !drivers.some((one) => one.bus === bus),
  );
}
