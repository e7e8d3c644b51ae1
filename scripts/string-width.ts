/**
 * Stands in for the package string-width in the bundle: yargs wants it to lay out its own help, which modalias does not
 * print, and its regular expression of all emoji takes 25 ms to compile at every start.
 */
export default function stringWidth(text: string): number {
  return text.length;
}
