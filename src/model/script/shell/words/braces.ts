import type { Word, WordPart } from 'unbash';
import { Unreadable } from '../unreadable.ts';

const MOST_ALTERNATIVES = 10_000;

/** The words that brace expansion makes of one: `{a,b}`, `{1..3}`. Alternatives with expansions are not read. */
export function braceAlternatives(word: Word): (readonly WordPart[])[] {
  let words: WordPart[][] = [[]];
  for (const part of partsOf(word)) {
    const texts = part.type === 'BraceExpansion' ? alternatives(part.text) : null;
    if (texts && texts.length * words.length > MOST_ALTERNATIVES) throw new Unreadable(part.text.slice(0, 60));
    words = words.flatMap((before) =>
      texts
        ? texts.map((text) => [...before, { ...part, type: 'Literal' as const, value: text, text }])
        : [[...before, part]],
    );
  }
  return words;
}

function alternatives(text: string): string[] {
  const range = /^\{(-?\d+)\.\.(-?\d+)\}$/.exec(text);
  if (range) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    const count = Math.abs(to - from) + 1;
    if (count > MOST_ALTERNATIVES) throw new Unreadable(text);
    return Array.from({ length: count }, (_, i) => `${from + (to < from ? -i : i)}`);
  }
  const list = /^\{([^{}$`"'\\]*,[^{}$`"'\\]*)\}$/.exec(text);
  if (!list) throw new Unreadable(text);
  return list[1]!.split(',');
}

/** The parts of a word; one without structure is a literal. */
export function partsOf(word: Word): readonly WordPart[] {
  const { pos, end, value, text } = word;
  return word.parts ?? [{ type: 'Literal', pos, end, value, text }];
}
