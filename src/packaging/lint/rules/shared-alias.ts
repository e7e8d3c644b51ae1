import { normalizeAlias } from '../../../pattern/normalize.ts';
import type { LintAlias, LintModule } from '../lint-module.ts';
import { aliasLines, type LintRule } from '../lint-rule.ts';

interface Claim {
  readonly from: LintModule;
  readonly alias: LintAlias;
  readonly others: Set<string>;
}

export const sharedAlias: LintRule = {
  severity: 'off',
  what: 'several modules have the same alias: each of them is loaded',
  why: 'modprobe loads every module that has the alias, in the order of modules.order, and the first that binds the device keeps it. That is usual for a driver and its successor, or for implementations of one cipher; elsewhere the order of the build decides who serves a device.',
  fix: 'Leave the device to one of them, or blacklist the other in modprobe.d.',
  fires: aliasLines('pci:v00001234d00000001sv*sd*bc*sc*i* acme_old', 'pci:v00001234d00000001sv*sd*bc*sc*i* acme_new'),
  silent: aliasLines('pci:v00001234d00000001sv*sd*bc*sc*i* acme_old', 'pci:v00001234d00000002sv*sd*bc*sc*i* acme_new'),
  across({ isWhole }) {
    const claims = new Map<string, Claim>();
    return {
      see(from) {
        for (const alias of from.aliases) {
          const key = normalizeAlias(alias.alias);
          const first = key === undefined ? undefined : claims.get(key);
          if (!first) {
            if (key !== undefined) claims.set(key, { from, alias, others: new Set() });
          } else if (first.from.module !== from.module) first.others.add(from.module);
        }
      },
      *done() {
        for (const { from, alias, others } of claims.values())
          if (others.size > 0)
            yield {
              module: from.module,
              file: from.file,
              alias,
              message: `${[...others].join(', ')} ${others.size > 1 ? 'have' : 'has'} the alias, too: each is loaded, ${from.module} first${isWhole ? '' : ' in the order of the files'}`,
            };
      },
    };
  },
};
