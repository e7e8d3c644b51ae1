import type { ModuleIdentity } from '../../module/module-identity.ts';
import type { FoundModule } from '../../modules-directory/tree-scan.ts';
import { moduleName } from '../../pattern/normalize.ts';
import { type Cause, fewOrOne, type Item } from '../finding.ts';
import type { NoteBook } from '../notes.ts';

/** A module file and what the module in it says it is. */
export interface Identified {
  readonly found: FoundModule;
  /** What messages call its file. */
  readonly file: string;
  readonly identity: ModuleIdentity;
}

/**
 * Modules whose file has another name than they have themselves: one file was copied over another, and every alias and
 * dependency of its name leads to the wrong driver. Outside kernel/, and where the module is not of the kernel's tree,
 * it is only noted: packages of drivers rename them (nvidia-current.ko).
 */
export function verifyNames(modules: readonly Identified[], notes: NoteBook): Cause[] {
  const items: Item[] = [];
  for (const { found, file, identity } of modules) {
    const { modinfoName, structName } = identity;
    const inModinfo = modinfoName !== undefined && moduleName(modinfoName) !== found.name;
    const inStruct = structName !== undefined && moduleName(structName) !== found.name;
    if (!inModinfo && !inStruct) continue;
    const where = inModinfo ? `.modinfo (name=${modinfoName})` : `.gnu.linkonce.this_module (${structName})`;
    const message = `the file is named ${found.name}, but the module in it ${inModinfo ? modinfoName : structName} according to its ${where}; was it copied over another?`;
    if (isOfTheTree(found, identity)) items.push({ module: found.name, file, message });
    else
      notes.add(
        'renamed-module',
        'a module whose file has another name, outside kernel/ or out of tree',
        `${file} (${inModinfo ? modinfoName : structName})`,
      );
  }
  return fewOrOne('wrong-name', items, 'such modules');
}

/** A release in full, as `uname -r` prints it and directories are called. */
const FULL_RELEASE = /^\d+\.\d+\.\d/;

/**
 * Modules that are built for another release (the first word of vermagic) than the directory is called, or, where none
 * is built for that, than most are. If most are built for another release than a directory with the name of a release,
 * that is a finding by itself: modprobe does not find them. Modules outside kernel/ or not of the kernel's tree are
 * only noted: with modversions the kernel may take them.
 */
export function verifyReleases(
  directory: string,
  modules: readonly Identified[],
  root: string,
  notes: NoteBook,
): Cause[] {
  const counts = new Map<string, number>();
  for (const { identity } of modules)
    if (identity.release !== undefined) counts.set(identity.release, (counts.get(identity.release) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  if (!most) return [];
  const expected = counts.has(directory) ? directory : most[0];
  const causes: Cause[] = [];
  if (expected !== directory && FULL_RELEASE.test(directory))
    causes.push({
      rule: 'other-directory',
      items: [
        {
          file: root,
          message: `${most[1]} of ${modules.length} modules are built for ${expected}, but the directory is named ${directory}: modprobe looks for them in lib/modules/${expected}`,
        },
      ],
    });
  const others = new Map<string, Item[]>();
  for (const { found, file, identity } of modules) {
    const { release } = identity;
    if (release === undefined || release === expected) continue;
    const than =
      expected === directory
        ? `the directory is for ${expected}`
        : `most modules here are for ${expected} (the directory's name, ${directory}, is not the release of any)`;
    if (isOfTheTree(found, identity))
      others.set(release, [
        ...(others.get(release) ?? []),
        { module: found.name, file, message: `built for ${release} (vermagic), but ${than}` },
      ]);
    else
      notes.add(
        'foreign-release',
        `built for another release than ${expected}, outside kernel/ or out of tree: the kernel may refuse it`,
        `${file} (${release})`,
      );
  }
  for (const items of others.values()) causes.push(...fewOrOne('other-release', items, 'such modules'));
  return causes;
}

function isOfTheTree(found: FoundModule, { intree }: ModuleIdentity): boolean {
  return intree && (found.relative ?? '').startsWith('kernel/');
}
