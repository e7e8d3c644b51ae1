import { type List, parseShell } from '../shell/parse.ts';

/** The words of the simple commands of a script, as far as they are literal, without assignments before them. */
export function commandsOf(script: string): string[][] {
  const found: string[][] = [];
  const visit = (nodes: List): void => {
    for (const { what } of nodes) {
      if (what.kind === 'group' || what.kind === 'function') visit(what.body);
      else if (what.kind === 'if') for (const list of [what.yes, what.no]) visit(list);
      if (what.kind !== 'command') continue;
      const words = what.words.map(({ parts }) =>
        parts.map((part) => (part.kind === 'text' ? part.text : '')).join(''),
      );
      const start = words.findIndex((word) => !/^\w+=/.test(word));
      if (start >= 0) found.push(words.slice(start));
    }
  };
  visit(parseShell(script));
  return found;
}
