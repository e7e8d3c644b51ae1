import { normalizeAlias } from '../../../pattern/normalize.ts';
import { aliasLines, type LintRule } from '../lint-rule.ts';

export const unmatchedBracket: LintRule = {
  severity: 'error',
  what: 'an alias has an unpaired bracket: no device finds it',
  why: 'depmod writes an alias with a `[` that is never closed, or a `]` that was never opened, into modules.alias but leaves it out of modules.alias.bin, the only file that libkmod reads. Brackets do not nest and a backslash does not escape them: `[[:digit:]]` and `[]]` are unpaired, too.',
  fix: 'Close the bracket, list the characters one by one (`[0123456789]`, `[0-9]`), or write `?` for the character.',
  fires: aliasLines('dmi:*:svnACME:pn[XY:* acme_laptop'),
  silent: aliasLines('dmi:*:svnACME:pn[XY]:* acme_laptop'),
  mentions: ['[', ']'],
  alias: (text) =>
    normalizeAlias(text) === undefined
      ? 'found an unpaired bracket: depmod leaves the alias out of modules.alias.bin, and no device finds it'
      : undefined,
};
