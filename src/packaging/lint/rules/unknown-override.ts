import { jsonTable, type LintRule } from '../lint-rule.ts';

export const unknownOverride: LintRule = {
  severity: 'error',
  needs: 'rows',
  what: 'override_only has a value for which there is no prefix',
  why: 'modpost knows a prefix for PCI_ID_F_VFIO_DRIVER_OVERRIDE (1) only. It skips rows with any other value with a warning or, since 7.2, uses whatever was in memory.',
  fix: 'Set override_only to PCI_ID_F_VFIO_DRIVER_OVERRIDE (PCI_DRIVER_OVERRIDE_DEVICE_VFIO does) or to 0; if your tree has flags of its own, name their prefixes in overridePrefixes.',
  fires: jsonTable(
    '{"module": "acme_vfio", "tables": [{"bus": "pci", "name": "ids",',
    '  "rows": [{"vendor": "0x1234", "device": "0x0001", "override_only": 2}]}]}',
  ),
  silent: jsonTable(
    '{"module": "acme_vfio", "tables": [{"bus": "pci", "name": "ids",',
    '  "rows": [{"vendor": "0x1234", "device": "0x0001", "override_only": "vfio"}]}]}',
  ),
  codes: ['unknown-override'],
};
