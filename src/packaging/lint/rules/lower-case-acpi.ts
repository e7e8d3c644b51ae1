import { aliasLines, type LintRule } from '../lint-rule.ts';

/** A PNP id (three letters) or an ACPI id (four letters or digits), then four hexadecimal digits, in any case. */
const ID = /^acpi\*?:((?:[a-z]{3}|[a-z0-9]{4})[0-9a-f]{4}):/i;

export const lowerCaseAcpi: LintRule = {
  severity: 'warning',
  what: 'an ACPI id is in lower case, where firmware has upper case',
  why: 'Ids of ACPI devices are upper case by the ACPI specification, and matching is by the byte: `acpi*:acme0001:*` does not match `acpi:ACME0001:`. Where some firmware has lower case, the module has an alias for each.',
  fix: 'Write the id of the table in upper case.',
  fires: aliasLines('acpi*:acme0001:* acme_acpi'),
  silent: aliasLines('acpi*:ACME0001:* acme_acpi', 'acpi*:acme0001:* acme_acpi'),
  mentions: /^acpi/im,
  alias(text, { texts }) {
    const id = ID.exec(text)?.[1];
    if (id === undefined || id === id.toUpperCase()) return undefined;
    if (texts.includes(text.replace(id, id.toUpperCase()))) return undefined;
    return `found the ACPI id '${id}', expected '${id.toUpperCase()}': firmware has upper case`;
  },
};
