import { ModaliasError } from '../../../errors.ts';
import { indexEntries, openIndex } from '../../../index-file/index-reader.ts';
import { normalizeAlias, PATH_MAX } from '../../../pattern/normalize.ts';
import { readAliasLines } from '../../verify/alias-lines.ts';
import type { KernelFile } from '../lint-input.ts';
import { kernelFolder, type LintRule } from '../lint-rule.ts';

export const indexNotOfText: LintRule = {
  severity: 'error',
  needs: 'kernel',
  what: 'modules.alias.bin was not made of the modules.alias beside it',
  why: 'libkmod reads the index only. A modules.alias that was edited, or copied from elsewhere, changes nothing until depmod makes the index again; and as depmod makes both of the modules, edits of the text are lost.',
  fix: 'Run depmod or modalias build. Lines of your own belong into modprobe.d.',
  fires: kernelFolder(
    { modules: [], aliasText: 'alias pci:v00001234d*sv*sd*bc*sc*i* acme\n', indexedText: '' },
    '# a line that was written into modules.alias after depmod ran',
    'alias pci:v00001234d*sv*sd*bc*sc*i* acme',
  ),
  silent: kernelFolder(
    {
      modules: [],
      aliasText: 'alias pci:v00001234d*sv*sd*bc*sc*i* acme\n',
      indexedText: 'alias pci:v00001234d*sv*sd*bc*sc*i* acme\n',
    },
    '# modules.alias, with the modules.alias.bin that depmod has made with it',
    'alias pci:v00001234d*sv*sd*bc*sc*i* acme',
  ),
  across: ({ kernel }) => ({
    *done() {
      const { text, index } = kernel ?? {};
      if (!text || !index) return;
      const { keys, problem } = keysOf(index);
      if (problem !== undefined) {
        yield { module: null, file: index.file, message: `${problem}; run depmod or modalias build` };
        return;
      }
      const lines = readAliasLines(text.content).lines.flatMap(({ alias, module, line }) => {
        const key = normalizeAlias(alias);
        return key === undefined || key.length >= PATH_MAX ? [] : [{ key: `${key}\0${module}`, alias, module, line }];
      });
      const missing = lines.filter(({ key }) => !keys.has(key));
      const inText = new Set(lines.map(({ key }) => key));
      const extra = [...keys].filter((key) => !inText.has(key));
      const [first] = missing;
      if (missing.length > 0 || extra.length > 0)
        yield {
          module: first?.module ?? extra[0]!.split('\0')[1]!,
          file: index.file,
          alias: { alias: first?.alias ?? extra[0]!.split('\0')[0]!, table: null, row: null },
          message: `the index was not made of modules.alias: it lacks ${missing.length} of its lines${first ? ` (line ${first.line})` : ''} and has ${extra.length} others; run depmod or modalias build`,
        };
    },
  }),
};

/** Key and module of each entry, or why the index cannot be read. */
function keysOf({ content, file }: KernelFile<Buffer>): { keys: Set<string>; problem?: string } {
  try {
    return { keys: new Set(indexEntries(openIndex(content, file)).map(({ key, value }) => `${key}\0${value}`)) };
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    return { keys: new Set(), problem: error.problems[0]!.message };
  }
}
