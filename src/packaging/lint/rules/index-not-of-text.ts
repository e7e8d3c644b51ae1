import type { AliasLine } from '../../../alias/alias-text.ts';
import { latin1 } from '../../../binary/reader.ts';
import { ModaliasError } from '../../../errors.ts';
import { eachKey, openIndex, VALUE } from '../../../index-file/index-reader.ts';
import { NONE } from '../../../index-file/index-trie.ts';
import { normalizeAlias, PATH_MAX } from '../../../pattern/normalize.ts';
import type { NumberedLine } from '../../verify/alias-lines.ts';
import type { KernelFile } from '../lint-input.ts';
import { kernelFolder, type LintRule } from '../lint-rule.ts';

export const indexNotOfText: LintRule = {
  severity: 'error',
  needs: 'kernel',
  what: 'modules.alias.bin was not made from the modules.alias beside it',
  why: 'libkmod reads the index only. A modules.alias that was edited, or copied from elsewhere, changes nothing until depmod makes the index again; and as depmod makes both from the modules, edits of the text are lost.',
  fix: 'Run depmod or modalias build. Lines of your own belong in modprobe.d.',
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
      const found = compared(index, text.content().lines);
      if (typeof found === 'string') {
        yield { module: null, file: index.file, message: `${found}; run depmod or modalias build` };
        return;
      }
      const { missing, first, extra, firstExtra } = found;
      const at = first ?? firstExtra;
      if (!at) return;
      const { alias, module } = at;
      yield {
        module,
        file: index.file,
        alias: { alias, table: null, row: null },
        message: `the index was not made of modules.alias: it lacks ${missing} of its lines${first ? ` (line ${first.line})` : ''} and has ${extra} others; run depmod or modalias build`,
      };
    },
  }),
};

/** How many lines have no entry, and how many entries no line, with the first of each. */
interface Compared {
  readonly missing: number;
  readonly first: NumberedLine | undefined;
  readonly extra: number;
  readonly firstExtra: AliasLine | undefined;
}

/**
 * Compares the entries of an index with lines, or says why the index cannot be read. The bytes of a key are looked up
 * in a hash table of the lines: no strings are made of what is in both.
 */
function compared({ content, file }: KernelFile<Buffer>, lines: readonly NumberedLine[]): Compared | string {
  const patterns = lines.map(({ alias }) => normalizeAlias(alias));
  const { heads, next } = hashTable(patterns);
  const hasEntry = new Uint8Array(lines.length);
  let extra = 0;
  let firstExtra: AliasLine | undefined;
  try {
    const index = openIndex(content, file);
    eachKey(index, (key, length, values, valuesEnd) => {
      const head = heads[hashOfBytes(key, length) & (heads.length - 1)]!;
      for (let v = 0; v < valuesEnd; v += VALUE) {
        const start = values[v + 1]!;
        const end = values[v + 2]!;
        let found = false;
        for (let i = head; i !== NONE; i = next[i]!) {
          if (!isText(patterns[i]!, key, 0, length) || !isText(lines[i]!.module, content, start, end)) continue;
          hasEntry[i] = 1;
          found = true;
        }
        if (!found && extra++ === 0)
          firstExtra = { alias: latin1(key, 0, length), module: latin1(content, start, end) };
      }
    });
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    return error.problems[0]!.message;
  }
  let missing = 0;
  let first: NumberedLine | undefined;
  lines.forEach((line, i) => {
    if (isIndexed(patterns[i]) && hasEntry[i] === 0 && missing++ === 0) first = line;
  });
  return { missing, first, extra, firstExtra };
}

function isIndexed(pattern: string | undefined): pattern is string {
  return pattern !== undefined && pattern.length < PATH_MAX;
}

/** The places of texts by their hashes: that of the first text with a hash, then of the next one with the same. */
function hashTable(texts: readonly (string | undefined)[]): { readonly heads: Int32Array; readonly next: Int32Array } {
  let size = 1024;
  while (size < texts.length) size *= 2;
  const heads = new Int32Array(size).fill(NONE);
  const next = new Int32Array(texts.length).fill(NONE);
  for (let i = 0; i < texts.length; i++) {
    const text = texts[i];
    if (!isIndexed(text)) continue;
    const slot = hashOfText(text) & (size - 1);
    next[i] = heads[slot]!;
    heads[slot] = i;
  }
  return { heads, next };
}

function hashOfText(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, MULTIPLIER) + text.charCodeAt(at)) | 0;
  return hash;
}

function hashOfBytes(bytes: Uint8Array, length: number): number {
  let hash = 0;
  for (let at = 0; at < length; at++) hash = (Math.imul(hash, MULTIPLIER) + bytes[at]!) | 0;
  return hash;
}

/** Odd, and larger than any byte. */
const MULTIPLIER = 0x01000193;

/** Whether bytes are those of a latin1 text. */
function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
