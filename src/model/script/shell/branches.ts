import type { ArithmeticExpression, Case } from 'unbash';
import { asAsked, type Thread, UNKNOWN_TEXT } from './thread.ts';
import { choose, decide } from './undecided.ts';
import { assigns, UnknownNumber } from './words/arithmetic.ts';
import type { Expander } from './words/expand.ts';
import { matches, parsePattern } from './words/pattern.ts';

/** Whether an arithmetic expression is not 0. */
export function isTrue(t: Thread, expression: ArithmeticExpression | undefined, expander: Expander): boolean {
  try {
    return expander.arithmetic(expression) !== 0n;
  } catch (error) {
    if (error instanceof UnknownNumber && !assigns(expression)) return decide(t, 'arithmetic');
    throw error;
  }
}

/** Which pattern of a `case` matches first, -1 for none. */
export function chosenItem(t: Thread, node: Case, expander: Expander): number {
  const text = asAsked(expander.text(node.word));
  const possible: number[] = [];
  for (const [i, { pattern }] of node.items.entries()) {
    const found = pattern.map((word) => {
      const like = asAsked(expander.pattern(word));
      if (like !== '*' && (text + like).includes(UNKNOWN_TEXT)) return null;
      return matches(parsePattern(like), text);
    });
    if (found.includes(true)) return among(t, [...possible, i]);
    if (found.includes(null)) possible.push(i);
  }
  return among(t, [...possible, -1]);
}

/** One of the items that may match. */
function among(t: Thread, possible: readonly number[]): number {
  if (possible.length === 1) return possible[0]!;
  const answers = possible.map((i) => (i < 0 ? 'no pattern matches' : `pattern ${i + 1} matches`));
  return possible[choose(t, 'case', answers)]!;
}
