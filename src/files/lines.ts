import { ModaliasError } from '../errors.ts';
import { inFile, readChunks } from './read.ts';

/** Longest line in bytes; a modalias takes a few hundred. */
const LONGEST_LINE = 1024 * 1024;

/**
 * The lines of a file, or of standard input for `-`, as latin1 without their newlines: each piece as it arrives, so
 * that an answer need not wait for the end of the input. Throws `line-too-long` if a line does not end, as in
 * /dev/zero.
 */
export async function* readLines(path: string): AsyncGenerator<string[]> {
  let rest = '';
  for await (const chunk of readChunks(path)) {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop()!;
    // No piece is as long: only a line that began in an earlier one can be too long.
    if ((lines[0] ?? rest).length > LONGEST_LINE) {
      const message = `a line has more than ${LONGEST_LINE} bytes; expected text with one entry per line`;
      throw new ModaliasError('line-too-long', message, inFile(path));
    }
    yield lines;
  }
  if (rest !== '') yield [rest];
}
