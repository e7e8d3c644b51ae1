import { orderKey } from '../../modules-directory/module-order.ts';
import type { FoundModule } from '../../modules-directory/tree-scan.ts';
import type { Cause } from '../finding.ts';
import type { NoteBook } from '../notes.ts';
import type { NoteRule } from '../rules.ts';

/** The lists that `make modules_install` puts beside the modules. */
export interface KernelLists {
  /** modules.order as latin1; undefined where it is missing. */
  readonly order: string | undefined;
  readonly hasBuiltin: boolean;
  readonly hasBuiltinModinfo: boolean;
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
  if (!lists.hasBuiltin) missing.push('modules.builtin');
  if (!lists.hasBuiltinModinfo && lists.hasBuiltinIndex) missing.push('modules.builtin.modinfo');
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
  'modules.order': 'depmod ranks the modules by a hash of their names',
  'modules.builtin': 'modprobe does not know what is built in',
  'modules.builtin.modinfo':
    'modules.builtin.alias.bin cannot be made, and nobody knows the aliases of built-in drivers',
};

/**
 * Lines of modules.order whose module is not there, as one cause. `exists` says of a path below the directory if a file
 * is there that the scan left out.
 */
export function absentModules(
  order: string | undefined,
  modules: Iterable<Pick<FoundModule, 'relative' | 'name'>>,
  exists: (relative: string) => boolean,
  file: (name: string) => string,
): Cause[] {
  const here = new Set(Array.from(modules, orderKey));
  const items = (order ?? '')
    .split('\n')
    .flatMap((path, i) =>
      path === '' || here.has(path) || exists(path)
        ? []
        : [{ file: file('modules.order'), line: i + 1, message: `${path} is listed, but does not exist` }],
    );
  if (items.length === 0) return [];
  return [
    {
      rule: 'listed-but-absent',
      items,
      others: 'such lines',
      advice: 'another package of the same kernel may have the modules: unpack both into one directory',
    },
  ];
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
