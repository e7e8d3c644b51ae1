import { isIncluded } from '../../../pattern/inclusion.ts';
import { normalizeAlias } from '../../../pattern/normalize.ts';
import { type Token, tokenize } from '../../../pattern/tokens.ts';
import type { LintAlias } from '../lint-module.ts';
import { aliasLines, type LintRule } from '../lint-rule.ts';

/** A pattern with wildcards, which may be wider than others. */
interface Wide {
  readonly alias: LintAlias;
  readonly key: string;
  readonly tokens: readonly Token[];
}

export const shadowedAlias: LintRule = {
  severity: 'off',
  what: 'a wider alias of the same module matches everything that an alias matches',
  why: 'The narrow alias changes nothing about which devices load the module: the wide one does that. Rows often differ in driver data, for which both are needed; elsewhere the wide row claims more than was meant.',
  fix: 'Remove the narrow row, or narrow the wide one.',
  fires: aliasLines('pci:v00001234d00000001sv*sd*bc*sc*i* acme', 'pci:v00001234d*sv*sd*bc*sc*i* acme'),
  silent: aliasLines('pci:v00001234d00000001sv*sd*bc*sc*i* acme', 'pci:v00001234d*sv*sd*bc02sc*i* acme'),
  *module({ aliases }) {
    const byStart = new Map<string, Wide[]>();
    const all = aliases.flatMap((alias): Wide[] => {
      const key = normalizeAlias(alias.alias);
      const tokens = key === undefined ? undefined : tokenize(key, 'alias');
      if (!tokens) return [];
      const wide = { alias, key: key!, tokens };
      const start = key!.search(/[*?[]/);
      if (start !== -1) {
        const same = byStart.get(key!.slice(0, start));
        if (same) same.push(wide);
        else byStart.set(key!.slice(0, start), [wide]);
      }
      return [wide];
    });
    const lengths = [...new Set([...byStart.keys()].map((start) => start.length))];
    for (const { alias, key, tokens } of all) {
      const wider = lengths
        .flatMap((length) => byStart.get(key.slice(0, length)) ?? [])
        .find((other) => other.key !== key && isIncluded(tokens, other.tokens));
      if (wider) yield { alias, message: `the module has a wider alias: ${wider.alias.alias}` };
    }
  },
};
