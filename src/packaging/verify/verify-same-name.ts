import type { Winner } from '../../modules-directory/same-name.ts';
import type { FoundModule } from '../../modules-directory/tree-scan.ts';
import type { Cause, Item } from '../finding.ts';
import type { NoteBook } from '../notes.ts';

/**
 * Module names that several files have. Where the file that is not taken has aliases that the other lacks, devices may
 * lose their driver: a finding; if nothing decides which of them depmod takes, that holds either way. All else is
 * noted. `shown` is what messages call a path, `aliasesOf` gives the aliases of a file, undefined where it cannot be
 * read.
 */
export function verifySameNames(
  winners: readonly Winner[],
  shown: (path: string) => string,
  aliasesOf: (file: FoundModule) => readonly string[] | undefined,
  notes: NoteBook,
): Cause[] {
  const causes: Cause[] = [];
  for (const { module, others, rival } of winners) {
    const taken = shown(module.path);
    for (const other of others) {
      const passedOver = shown(other.path);
      const how = rival
        ? `depmod takes whichever of ${taken} and ${passedOver} the file system lists first (or last)`
        : `depmod takes ${taken}, not ${passedOver}`;
      const items: Item[] = [];
      const lost = (from: FoundModule, to: FoundModule) => {
        const kept = new Set(aliasesOf(to) ?? []);
        for (const alias of new Set(aliasesOf(from) ?? []))
          if (!kept.has(alias))
            items.push({
              module: module.name,
              alias,
              file: shown(from.path),
              message: `${how}; only ${shown(from.path)} has this alias`,
            });
      };
      lost(other, module);
      if (rival) lost(module, other);
      const advice = rival ? 'add a search or override line to depmod.d to decide' : 'remove the one that is not meant';
      if (items.length > 0) causes.push({ rule: 'shadowed-aliases', items, others: 'such aliases', advice });
      else
        notes.add(
          'shadowed-module',
          'two files of one module name, of which depmod takes one',
          `${taken} (not ${passedOver})`,
        );
    }
  }
  return causes;
}
