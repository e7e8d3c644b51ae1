import type { Cause } from '../finding.ts';
import type { NoteBook } from '../notes.ts';
import type { NoteRule } from '../rules.ts';

/** The lists that `make modules_install` puts beside the modules. */
export interface KernelLists {
  /** Their texts as latin1; undefined where they are missing. */
  readonly order: string | undefined;
  readonly builtin: string | undefined;
  readonly modinfo: string | undefined;
  /** Whether modules.builtin.modinfo or an index of depmod lists modules that are built in. */
  readonly someBuiltin: () => boolean;
  /** Whether depmod has made an index of built-in modules or aliases, be it an empty one. */
  readonly hasBuiltinIndex: boolean;
}

const ELSEWHERE =
  'Debian from 7.2 on has them in linux-base-RELEASE and the modules in linux-modules-RELEASE: unpack both into one directory';

/**
 * Lists that are missing, as one cause: without modules.order depmod ranks the modules by a hash, without
 * modules.builtin and modules.builtin.modinfo lookups do not know of built-in drivers. The last may be missing where
 * nothing is indexed yet.
 */
export function missingLists(lists: KernelLists, file: (name: string) => string): Cause[] {
  const missing: (keyof typeof EFFECTS)[] = [];
  if (lists.order === undefined) missing.push('modules.order');
  if (lists.builtin === undefined) missing.push('modules.builtin');
  if (lists.modinfo === undefined && lists.hasBuiltinIndex) missing.push('modules.builtin.modinfo');
  if (missing.length === 0) return [];
  const effects = missing.map((name) => EFFECTS[name]).join('; ');
  return [
    {
      rule: 'missing-list',
      items: missing.map((name) => ({ file: file(name), message: `${name} is missing: ${EFFECTS[name]}` })),
      summary: `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing: ${effects}`,
      advice: ELSEWHERE,
    },
  ];
}

const EFFECTS = {
  'modules.order': 'depmod orders the modules by a hash of their names',
  'modules.builtin': 'modprobe does not know what is built in',
  'modules.builtin.modinfo':
    'modules.builtin.alias.bin cannot be made, and the aliases of built-in drivers are unknown',
};

/**
 * Lists that are there but empty though they should not be, each a cause: the modules of the kernel's tree are all in
 * modules.order; modules.builtin names at least those of which modules.builtin.modinfo or depmod's index tells; and no
 * kernel has an empty modules.builtin.modinfo. `inTree` says if there are modules of the kernel's tree.
 */
export function emptyLists(lists: KernelLists, inTree: boolean, file: (name: string) => string): Cause[] {
  const empty: (keyof typeof EMPTY)[] = [];
  if (inTree && lists.order?.trim() === '') empty.push('modules.order');
  if (lists.builtin?.trim() === '' && lists.someBuiltin()) empty.push('modules.builtin');
  if (lists.modinfo === '') empty.push('modules.builtin.modinfo');
  return empty.map((name) => ({
    rule: 'empty-list',
    items: [{ file: file(name), line: 1, message: `${name} is empty: ${EMPTY[name]}` }],
    advice: 'reinstall it from the kernel build, then run depmod or modalias build',
  }));
}

const EMPTY = {
  'modules.order': 'depmod orders the modules by a hash of their names',
  'modules.builtin':
    'modules.builtin.modinfo or modules.builtin.bin lists built-in modules, which modprobe does not find',
  'modules.builtin.modinfo': 'the aliases of built-in drivers are unknown, and depmod indexes none',
};

/** Whether a modules.builtin.modinfo lists modules that are built in: parameters alone may be of other code. */
export function tellsOfModules(modinfo: string): boolean {
  return /(?:^|\0)[^.\0]+\.(?:file|license|alias)=/.test(modinfo);
}

/** What findings about lists are in packages: another package of the kernel may have what is missing. */
const NOTED: Readonly<Partial<Record<Cause['rule'], readonly [rule: NoteRule, message: string]>>> = {
  'missing-list': ['list-elsewhere', 'a list of the kernel is missing; another of its packages may have it'],
  'listed-but-absent': [
    'module-elsewhere',
    'modules.order lists a module that is not here; another package of the kernel may have it',
  ],
};

/**
 * Notes what is found about the lists of packages, each by what its message begins with; answers with what is a finding
 * there, too.
 */
export function noteLists(notes: NoteBook, causes: readonly Cause[]): Cause[] {
  return causes.filter(({ rule, items }) => {
    const noted = NOTED[rule];
    if (noted) for (const { message } of items) notes.add(...noted, message.slice(0, message.indexOf(' ')));
    return !noted;
  });
}
