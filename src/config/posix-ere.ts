import {
  type Assertion,
  type Ere,
  EreSyntaxError,
  EreUnsupportedError,
  isWordByte,
  parseEre,
} from './posix-ere-parser.ts';

/** A state of the automaton: what it expects and the states that follow. */
interface State {
  readonly has?: (byte: number) => boolean;
  readonly at?: Assertion;
  readonly next: number[];
}

/** Repeats are expanded, so these bound time and memory: no state is entered twice at one position of the subject. */
const MAX_LENGTH = 1000;
const MAX_STEPS = 20_000;

/**
 * Whether a POSIX extended regular expression matches anywhere in `subject` (latin1 both), in time proportional to the
 * product of their lengths whatever the expression. Undefined where regcomp(3) refuses it. Throws EreUnsupportedError
 * for back-references and for expressions of more than 1,000 characters, or 20,000 once their repeats are expanded.
 */
export function ereMatches(source: string, subject: string): boolean | undefined {
  const tooLarge = () => new EreUnsupportedError(`'${source.slice(0, 60)}' is too long an expression`);
  if (source.length > MAX_LENGTH) throw tooLarge();
  let tree: Ere;
  try {
    tree = parseEre(source);
  } catch (error) {
    if (error instanceof EreSyntaxError) return undefined;
    throw error;
  }
  const states: State[] = [];
  let steps = 0;
  const accept = add({ next: [] });
  const start = compile(tree, accept);

  function add(state: State): number {
    return states.push(state) - 1;
  }

  /** States that match `tree` and continue at `next`; returns the first of them. */
  function compile(node: Ere, next: number): number {
    if (++steps > MAX_STEPS) throw tooLarge();
    switch (node.kind) {
      case 'set':
        return add({ has: node.has, next: [next] });
      case 'assert':
        return add({ at: node.at, next: [next] });
      case 'sequence':
        return node.of.reduceRight((after, part) => compile(part, after), next);
      case 'choice':
        return add({ next: node.of.map((part) => compile(part, next)) });
      case 'repeat': {
        let after = next;
        if (node.max === undefined) {
          const loop = add({ next: [next] });
          states[loop]!.next.push(compile(node.of, loop));
          after = loop;
        } else for (let i = node.min; i < node.max; i++) after = add({ next: [next, compile(node.of, after)] });
        for (let i = 0; i < node.min; i++) after = compile(node.of, after);
        return after;
      }
    }
  }

  return run(states, start, accept, subject);
}

function run(states: readonly State[], start: number, accept: number, subject: string): boolean {
  let current: number[] = [];
  for (let at = 0; ; at++) {
    const seen = new Uint8Array(states.length);
    const waiting: number[] = [];
    const stack = [...current, start];
    while (stack.length > 0) {
      const i = stack.pop()!;
      if (seen[i]) continue;
      seen[i] = 1;
      if (i === accept) return true;
      const state = states[i]!;
      if (state.has) waiting.push(i);
      else if (!state.at || holds(state.at, subject, at)) stack.push(...state.next);
    }
    if (at >= subject.length) return false;
    const byte = subject.charCodeAt(at);
    current = waiting.filter((i) => states[i]!.has!(byte)).map((i) => states[i]!.next[0]!);
  }
}

function holds(assertion: Assertion, subject: string, at: number): boolean {
  const before = at > 0 && isWordByte(subject.charCodeAt(at - 1));
  const after = at < subject.length && isWordByte(subject.charCodeAt(at));
  switch (assertion) {
    case 'start':
      return at === 0;
    case 'end':
      return at === subject.length;
    case 'word-edge':
      return before !== after;
    case 'inside':
      return before === after;
    case 'word-start':
      return !before && after;
    case 'word-end':
      return before && !after;
  }
}
