import { unprintable } from '../device-language.ts';
import { aliasLines, type LintRule } from '../lint-rule.ts';

export const impossiblePattern: LintRule = {
  severity: 'error',
  what: 'no modalias that its bus prints can match an alias',
  why: 'Each bus prints the modaliases of its devices in one way: pci vendor and device as eight upper-case hexadecimal digits, usb as four, acpi with a colon at the end. A pattern with other widths, other letters or without that colon is valid, but matches no device there is, and the module is not loaded.',
  fix: 'Let a table and MODULE_DEVICE_TABLE make the alias, or write the fields as the bus prints them (`modalias explain MODALIAS` names them).',
  fires: aliasLines('pci:v8086d1533sv*sd*bc*sc*i* acme_net', 'acpi*:ACME0001 acme_acpi'),
  silent: aliasLines('pci:v00008086d00001533sv*sd*bc*sc*i* acme_net', 'acpi*:ACME0001:* acme_acpi'),
  alias(text) {
    const reason = unprintable(text);
    return reason && `no device can match the alias: ${reason}`;
  },
};
