import { hasWildcard, parsePattern, quotePattern } from './pattern.ts';

/**
 * A part of a word after expansions. `split`: the text of an expansion without quotes, which is split at IFS; `break`:
 * the next part belongs to the next field, as within "$@".
 */
export type Piece =
  | { readonly kind: 'literal' | 'quoted' | 'glob' | 'split'; readonly text: string }
  | { readonly kind: 'break' };

/** A field: its text, and the text as a pattern, in which what was quoted stands for itself. */
export interface Field {
  readonly text: string;
  readonly pattern: string;
}

/** Splits the pieces of a word into fields (POSIX.1, 2.6.5). */
export function toFields(pieces: readonly Piece[], ifs: string): Field[] {
  const fields: Field[] = [];
  let text = '';
  let pattern = '';
  let open = false;
  const close = () => {
    if (open) fields.push({ text, pattern });
    [text, pattern, open] = ['', '', false];
  };
  for (const piece of pieces) {
    if (piece.kind === 'break') close();
    else if (piece.kind !== 'split') {
      text += piece.text;
      pattern += piece.kind === 'glob' ? piece.text : quotePattern(piece.text);
      open ||= piece.kind === 'quoted' || piece.text !== '';
    } else {
      let whiteBefore = false;
      for (const c of piece.text) {
        if (!ifs.includes(c)) {
          text += c;
          pattern += c === '\\' ? '\\\\' : c;
          open = true;
          whiteBefore = false;
        } else if (c === ' ' || c === '\t' || c === '\n') {
          whiteBefore = open;
          close();
        } else {
          if (!open && !whiteBefore) open = true;
          close();
          whiteBefore = false;
        }
      }
    }
  }
  close();
  return fields;
}

/** The pieces as one text, as in an assignment: nothing is split. */
export function joinPieces(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (piece.kind === 'break' ? ' ' : piece.text)).join('');
}

/** The pieces as a pattern of `case`, `[[ == ]]` or `${x#..}`: what is quoted stands for itself. */
export function patternOf(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => {
      if (piece.kind === 'break') return ' ';
      return piece.kind === 'glob' || piece.kind === 'split' ? piece.text : quotePattern(piece.text);
    })
    .join('');
}

export const isGlob = (field: Field): boolean =>
  /[*?[]/.test(field.pattern) && hasWildcard(parsePattern(field.pattern));
