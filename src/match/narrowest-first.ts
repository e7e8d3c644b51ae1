import { inclusion } from '../pattern/inclusion.ts';
import { stepsToTokenize, type Token, tokenize } from '../pattern/tokens.ts';
import type { Match } from './match.ts';

/**
 * Steps of `inclusion` after which the rest of an answer's patterns count as unrelated; hundreds of real ones take far
 * less.
 */
const MOST_STEPS = 20_000_000;

/** A pattern of an answer, which several matches can share. */
interface Shape {
  readonly tokens: readonly Token[] | undefined;
  /** Those that match everything this one does and more. */
  readonly wider: Shape[];
  /** Matches still to be placed whose pattern is narrower. */
  waitsFor: number;
  matches: number;
}

/**
 * Matches in a new order: each goes after those whose pattern matches only part of what its own matches, and otherwise
 * keeps its place if possible. That is, the next match is always the first one with nothing narrower left.
 */
export function narrowestFirst(matches: readonly Match[]): Match[] {
  const shapes = shapesOf(matches);
  relate([...new Set(shapes)]);
  const placed: Match[] = [];
  const done = new Uint8Array(matches.length);
  const first = new Map<Shape, number>();
  for (let i = matches.length - 1; i >= 0; i--) first.set(shapes[i]!, i);
  for (let start = 0, i = 0; placed.length < matches.length; ) {
    while (done[start]) start++;
    while (i < matches.length && (done[i] || shapes[i]!.waitsFor > 0)) i++;
    // If questions were left open, patterns can wait for each other: the first one goes.
    const next = i < matches.length ? i : start;
    placed.push(matches[next]!);
    done[next] = 1;
    i = next;
    for (const wider of shapes[next]!.wider) {
      wider.waitsFor--;
      if (wider.waitsFor === 0) i = Math.min(i, first.get(wider)!);
    }
  }
  return placed;
}

function shapesOf(matches: readonly Match[]): Shape[] {
  const shapes = new Map<string, Shape>();
  let steps = 0;
  return matches.map((match) => {
    const name = `${match.source} ${match.pattern}`;
    let shape = shapes.get(name);
    if (!shape) {
      steps += stepsToTokenize(match.pattern);
      shape = { tokens: steps > MOST_STEPS ? undefined : tokensOf(match), wider: [], waitsFor: 0, matches: 0 };
      shapes.set(name, shape);
    }
    shape.matches++;
    return shape;
  });
}

/** Tokens of patterns seen before: a list of devices needs the same ones again and again. */
const known = new Map<string, readonly Token[] | undefined>();

function tokensOf({ pattern, source }: Match): readonly Token[] | undefined {
  const name = `${source === 'config'} ${pattern}`;
  if (!known.has(name)) {
    if (known.size >= 10_000) known.clear();
    known.set(name, tokenize(pattern, source));
  }
  return known.get(name);
}

/** Finds which patterns are narrower than which. The same answer has the same relations, whatever was asked before. */
function relate(shapes: readonly Shape[]): void {
  let steps = 0;
  for (const inner of shapes) {
    for (const outer of shapes) {
      if (inner === outer || !inner.tokens || !outer.tokens) continue;
      const forth = inclusion(inner.tokens, outer.tokens);
      steps += forth.steps;
      if (steps > MOST_STEPS) return;
      if (!forth.included) continue;
      const back = inclusion(outer.tokens, inner.tokens);
      steps += back.steps;
      if (back.included) continue;
      inner.wider.push(outer);
      outer.waitsFor += inner.matches;
    }
  }
}
