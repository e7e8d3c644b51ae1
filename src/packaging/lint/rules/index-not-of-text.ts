import { ModaliasError } from '../../../errors.ts';
import type { IndexEntry } from '../../../index-file/index-format.ts';
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
      const entries = entriesOf(index);
      if (typeof entries === 'string') {
        yield { module: null, file: index.file, message: `${entries}; run depmod or modalias build` };
        return;
      }
      const { missing, first, extra } = compared(entries, text.content().lines);
      if (missing === 0 && extra.length === 0) return;
      const [alias, module] = first ? [first.alias, first.module] : [extra[0]!.key, extra[0]!.value];
      yield {
        module,
        file: index.file,
        alias: { alias, table: null, row: null },
        message: `the index was not made of modules.alias: it lacks ${missing} of its lines${first ? ` (line ${first.line})` : ''} and has ${extra.length} others; run depmod or modalias build`,
      };
    },
  }),
};

/** The lines that have no entry, how many and the first, and the entries that have no line. */
function compared(entries: readonly IndexEntry[], lines: readonly NumberedLine[]) {
  // Entries of one key follow each other.
  const starts = new Map<string, number>();
  for (let i = entries.length - 1; i >= 0; i--) starts.set(entries[i]!.key, i);
  const hasLine = new Uint8Array(entries.length);
  let missing = 0;
  let first: NumberedLine | undefined;
  for (const line of lines) {
    const pattern = normalizeAlias(line.alias);
    if (pattern === undefined || pattern.length >= PATH_MAX) continue;
    let found = false;
    for (let i = starts.get(pattern) ?? entries.length; entries[i]?.key === pattern; i++) {
      if (entries[i]!.value !== line.module) continue;
      hasLine[i] = 1;
      found = true;
    }
    if (!found && missing++ === 0) first = line;
  }
  return { missing, first, extra: entries.filter((_, i) => hasLine[i] === 0) };
}

/** The entries of an index, or why it cannot be read. */
function entriesOf({ content, file }: KernelFile<Buffer>): readonly IndexEntry[] | string {
  try {
    return indexEntries(openIndex(content, file));
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    return error.problems[0]!.message;
  }
}
