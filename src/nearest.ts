import { closestMatch } from 'leven';

/** `; did you mean 'NAME'?` where one of the known names is close to what was written, else nothing. */
export function didYouMean(written: string, known: readonly string[]): string {
  const nearest = closestMatch(written, known, { maxDistance: written.length < 5 ? 2 : 3 });
  return nearest === undefined ? '' : `; did you mean '${nearest}'?`;
}
