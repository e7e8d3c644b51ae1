import { jsonTable, type LintRule } from '../lint-rule.ts';

export const rowWithoutAlias: LintRule = {
  severity: 'note',
  needs: 'rows',
  what: 'a row makes no alias, and modpost does not say so',
  why: 'No device loads the module by such a row: a usb row with neither vendor nor product nor class, a usb row whose bcdDevice range is empty, a pnp_card row without devices, a wmi row whose GUID is malformed. For usb it is intended where ids are added at run time (such a row has nothing but driver_info, and without that it would end the table for the kernel); elsewhere an id is missing.',
  fix: 'Give the row an id or a class, or remove it.',
  fires: jsonTable(
    '{"module": "acme", "tables": [{"bus": "usb", "name": "ids", "rows": [',
    '  {"idVendor": "0x1234", "idProduct": "0x0001", "bcdDevice_lo": "0x0200", "bcdDevice_hi": "0x0100"}]}]}',
  ),
  silent: jsonTable(
    '{"module": "acme", "tables": [{"bus": "usb", "name": "ids", "rows": [',
    '  {"idVendor": "0x1234", "idProduct": "0x0001", "bcdDevice_lo": "0x0100", "bcdDevice_hi": "0x0200"}]}]}',
  ),
  codes: ['usb-empty-row', 'usb-empty-range', 'pnp-card-empty', 'wmi-guid'],
};
