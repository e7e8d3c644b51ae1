import type { Code } from '../codes.ts';

/** How much a finding matters; a note is legitimate but worth knowing. */
export type Severity = 'error' | 'warning' | 'note';

/** The most severe first. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];

/** What verify looks for: each rule's stable word, how much it matters, and what it says in a line. */
export const FINDING_RULES = {
  'unreadable-module': { severity: 'error', about: 'a module, or a table in it, cannot be read' },
  'dangling-link': { severity: 'error', about: 'a dangling link, which depmod reports as an error too' },
  'unreadable-directory': { severity: 'error', about: 'a directory cannot be searched for modules' },
  'wrong-compression': { severity: 'error', about: 'the compression of a module is not what its file name says' },
  'wrong-name': { severity: 'error', about: 'the name of a file differs from that of the module in it' },
  'other-release': { severity: 'error', about: 'a module is built for a different release than the others' },
  'other-directory': {
    severity: 'warning',
    about: 'the modules are built for a release other than the one the directory is named after',
  },
  'missing-in-modinfo': { severity: 'error', about: 'a row of an id table makes an alias that .modinfo lacks' },
  'extra-in-modinfo': {
    severity: 'error',
    about: '.modinfo has an alias like those of a row, in a module whose table and .modinfo disagree',
  },
  'unmatched-bracket': { severity: 'error', about: 'an alias has an unpaired bracket: no device finds it' },
  'alias-not-indexable': {
    severity: 'error',
    about: 'an alias has more than 4,095 bytes, or one above 127: no index can hold it',
  },
  'shadowed-aliases': {
    severity: 'warning',
    about: 'of two files with the same module name, the one that depmod skips has aliases that the other lacks',
  },
  'missing-list': {
    severity: 'warning',
    about: 'modules.order, modules.builtin or modules.builtin.modinfo is missing',
  },
  'empty-list': {
    severity: 'warning',
    about: 'modules.order, modules.builtin or modules.builtin.modinfo is empty, but should not be',
  },
  'built-in-and-loadable': {
    severity: 'error',
    about: 'modules.builtin lists a module that is loadable here: modprobe never loads it',
  },
  'listed-but-absent': { severity: 'warning', about: 'modules.order lists a module that is not there' },
  'unlike-builtin': {
    severity: 'warning',
    about: 'modules.builtin and modules.builtin.modinfo name different modules',
  },
  'damaged-order': { severity: 'warning', about: 'a line of modules.order is truncated: depmod ignores the file' },
  'missing-file': { severity: 'error', about: 'an index is missing or empty' },
  'unreadable-index': { severity: 'error', about: 'an index is damaged' },
  'cut-short': { severity: 'error', about: 'modules.alias is truncated' },
  'malformed-line': { severity: 'error', about: 'a line of modules.alias is not "alias PATTERN MODULE"' },
  'repeated-line': {
    severity: 'error',
    about: 'modules.alias repeats an alias more often than the module has it',
  },
  'cr-lf': {
    severity: 'error',
    about: 'lines of modules.alias, modules.order or modules.builtin end in CR LF: the CR becomes part of the name',
  },
  'missing-in-text': { severity: 'error', about: 'modules.alias lacks an alias of a module' },
  'extra-in-text': {
    severity: 'error',
    about: 'modules.alias has an alias that the module lacks, or of a module that is not there',
  },
  'missing-in-index': { severity: 'error', about: 'an index lacks an alias' },
  'extra-in-index': { severity: 'error', about: 'an index has an extra alias' },
  'stale-index': {
    severity: 'error',
    about: 'so much differs that modules.alias or an index must belong to another kernel or to older modules',
  },
  'stale-order': { severity: 'warning', about: 'an index ranks the modules of an alias differently from depmod' },
  'expired-acceptance': {
    severity: 'warning',
    about: 'an entry of the baseline has expired: what it accepted counts again',
  },
  'unused-acceptance': { severity: 'warning', about: 'an entry of the baseline accepts nothing that is there' },
  'driver-without-table': { severity: 'note', about: 'a module registers a driver but has no id table for it' },
  'shadowed-module': { severity: 'note', about: 'of two files with the same module name, depmod uses one' },
  'renamed-module': {
    severity: 'note',
    about: "wrong-name for a module outside kernel/ or not of the kernel's own tree",
  },
  'foreign-release': {
    severity: 'note',
    about: "other-release for a module outside kernel/ or not of the kernel's own tree",
  },
  'list-elsewhere': {
    severity: 'note',
    about: 'missing-list for packages: another package of the kernel may have it',
  },
  'module-elsewhere': {
    severity: 'note',
    about: 'listed-but-absent for packages: another package of the kernel may have it',
  },
  'shared-alias': { severity: 'note', about: 'several modules have the same alias: each of them is loaded' },
  'repeated-alias': { severity: 'note', about: 'a module has the same alias twice' },
  'hidden-builtin': { severity: 'note', about: 'a loadable module hides a built-in alias from lookups' },
  'hand-written-like-table': {
    severity: 'note',
    about: 'a module with a table of that type has a hand-written alias',
  },
  'not-indexed': { severity: 'note', about: 'there is neither modules.alias nor its index: depmod has not run' },
  'no-text': { severity: 'note', about: 'modules.alias is missing; libkmod reads its index only' },
  'no-builtin-modinfo': { severity: 'note', about: 'modules.builtin.modinfo is missing where nothing is indexed yet' },
} as const satisfies Readonly<Record<string, { readonly severity: Severity; readonly about: string }>>;

/** Rules whose breach is a finding. */
export type FindingRule = {
  [R in keyof typeof FINDING_RULES]: (typeof FINDING_RULES)[R]['severity'] extends 'note' ? never : R;
}[keyof typeof FINDING_RULES];

/** Rules that only note. Diagnostics of reading are noted as well, each under its own code. */
export type NoteRule = Exclude<keyof typeof FINDING_RULES, FindingRule>;

/** Every rule that findings and notes have; the codes are those of diagnostics of reading. */
export type RuleName = keyof typeof FINDING_RULES | Code;
