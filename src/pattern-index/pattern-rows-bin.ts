import { latin1 } from '../binary/reader.ts';
import { ModaliasError } from '../errors.ts';
import { eachKey, type IndexFile, VALUE } from '../index-file/index-reader.ts';
import { type PatternTable, PatternTableBuilder } from './pattern-table.ts';

/** Bytes of a node in a real index, about; a first guess at how many patterns there are. */
const USUAL_NODE = 45;

/** Limit on the total length of the keys, in multiples of the index's size; a real one has less than two. */
const MOST_GROWTH = 64;

/**
 * The patterns of an index file, read in one pass. Values of one key are stored last added first, so they are taken in
 * reverse. Throws `bad-index` as `eachKey` does.
 */
export function rowsOfIndex(index: IndexFile): PatternTable {
  const { bytes, file } = index;
  const builder = new PatternTableBuilder(Math.ceil(bytes.length / USUAL_NODE), bytes.length);
  const names = new Map<number, number>();
  let last = -1;
  /** The place of a module's name, most often the last one or one seen before: then no string is made of it. */
  const nameAt = (start: number, end: number) => {
    if (last >= 0 && builder.isNamed(last, bytes, start, end)) return last;
    let hash = 0;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
    const known = names.get(hash);
    if (known !== undefined && builder.isNamed(known, bytes, start, end)) {
      last = known;
    } else {
      last = builder.module(latin1(bytes.subarray(start, end)));
      names.set(hash, last);
    }
    return last;
  };
  let written = 0;
  eachKey(index, (key, length, values, valuesEnd) => {
    for (let i = valuesEnd - VALUE; i >= 0; i -= VALUE) {
      written += length;
      if (written > MOST_GROWTH * bytes.length)
        throw new ModaliasError(
          'bad-index',
          'the keys are too many and too long; not a valid index, run depmod to rebuild it',
          { file },
        );
      builder.add(key, 0, length, nameAt(values[i + 1]!, values[i + 2]!), values[i]!);
    }
  });
  return builder.finish();
}
