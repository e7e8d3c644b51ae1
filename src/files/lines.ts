import { readChunks } from './read.ts';

/**
 * The lines of a file, or of standard input for `-`, as latin1 without their newlines: those of each piece as it comes, so that an answer
 * need not wait for the end of the input.
 */
export async function* readLines(path: string): AsyncGenerator<string[]> {
  let rest = '';
  for await (const chunk of readChunks(path)) {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop()!;
    yield lines;
  }
  if (rest !== '') yield [rest];
}
