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
        ? `depmod uses whichever of ${taken} and ${passedOver} the file system lists first (or last)`
        : `depmod uses ${taken}, not ${passedOver}`;
      const lost = (from: FoundModule, to: FoundModule): Item[] => {
        const kept = new Set(aliasesOf(to) ?? []);
        const only = [...new Set(aliasesOf(from) ?? [])].filter((alias) => !kept.has(alias));
        const file = shown(from.path);
        return only.map((alias) => ({
          module: module.name,
          alias,
          file,
          message: `${how}; only ${file} has this alias`,
        }));
      };
      const ofOther = lost(other, module);
      const ofTaken = rival ? lost(module, other) : [];
      const items = [...ofOther, ...ofTaken];
      const both = ofOther.length > 0 && ofTaken.length > 0;
      const summary = `${how}; ${count(ofOther)} only in ${passedOver}, ${count(ofTaken)} only in ${taken}`;
      const advice = rival
        ? 'add a search or override line to depmod.d to decide'
        : 'remove the one that is not intended';
      if (items.length > 0)
        causes.push({ rule: 'shadowed-aliases', items, others: 'such aliases', advice, ...(both ? { summary } : {}) });
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

function count({ length }: readonly Item[]): string {
  return `${length} ${length === 1 ? 'alias is' : 'aliases are'}`;
}
