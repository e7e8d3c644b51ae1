import { ModaliasError } from '../../../errors.ts';
import { indexEntries, openIndex } from '../../../index-file/index-reader.ts';
import { normalizeAlias, PATH_MAX } from '../../../pattern/normalize.ts';
import type { NumberedLine } from '../../verify/alias-lines.ts';
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
  across: ({ kernel, text }) => ({
    *done() {
      const index = kernel?.index;
      if (!text || !index) return;
      const { keys, problem } = keysOf(index);
      if (problem !== undefined) {
        yield { module: null, file: index.file, message: `${problem}; run depmod or modalias build` };
        return;
      }
      let missing = 0;
      let first: NumberedLine | undefined;
      for (const line of text.content().lines) {
        const pattern = normalizeAlias(line.alias);
        if (pattern === undefined || pattern.length >= PATH_MAX) continue;
        const key = `${pattern}\0${line.module}`;
        if (keys.has(key)) keys.set(key, true);
        else if (missing++ === 0) first = line;
      }
      const extra = [...keys].filter(([, isInText]) => !isInText).map(([key]) => key.split('\0') as [string, string]);
      if (missing === 0 && extra.length === 0) return;
      const [alias, module] = first ? [first.alias, first.module] : extra[0]!;
      yield {
        module,
        file: index.file,
        alias: { alias, table: null, row: null },
        message: `the index was not made of modules.alias: it lacks ${missing} of its lines${first ? ` (line ${first.line})` : ''} and has ${extra.length} others; run depmod or modalias build`,
      };
    },
  }),
};

/** Key and module of each entry, not seen in the text yet, or why the index cannot be read. */
function keysOf({ content, file }: KernelFile<Buffer>): { keys: Map<string, boolean>; problem?: string } {
  try {
    const entries = indexEntries(openIndex(content, file));
    return { keys: new Map(entries.map(({ key, value }) => [`${key}\0${value}`, false])) };
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    return { keys: new Map(), problem: error.problems[0]!.message };
  }
}
