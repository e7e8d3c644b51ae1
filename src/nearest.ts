import { closestMatch } from 'leven';

/** `; did you mean 'NAME'?` if a known name is close, else nothing. */
export function didYouMean(written: string, known: readonly string[]): string {
  const nearest =
    known.find((name) => name.toLowerCase() === written.toLowerCase()) ??
    known.find((name) => letters(name) === letters(written)) ??
    known.find((name) => name.length >= SHORTEST_START && written.startsWith(name)) ??
    closestMatch(written, known, { maxDistance: Math.min(3, Math.round(written.length / 3)) });
  return nearest === undefined ? '' : `; did you mean '${nearest}'?`;
}

/** The same where names that begin alike are different names: only a slip of the keys suggests another. */
export function didYouMistype(written: string, known: readonly string[]): string {
  const nearest =
    known.find((name) => letters(name) === letters(written)) ??
    closestMatch(written, known, { maxDistance: Math.min(2, Math.floor(written.length / 4)) });
  return nearest === undefined ? '' : `; did you mean '${nearest}'?`;
}

/** Length from which the beginning of what was written suggests a name, as in slimbus for slim. */
const SHORTEST_START = 3;

/** The characters in order: swapped letters are the most common typo, which Levenshtein counts as two edits. */
function letters(word: string): string {
  return [...word].sort().join('');
}
