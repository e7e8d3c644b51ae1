import { type KernelState, step as kernelStep } from '../../../driver-core/index.ts';
import type { Place, Position, Program } from '../../script/program.ts';
import { UNKNOWN_TEXT } from '../../script/shell/thread.ts';
import type { CheckOptions } from '../check.ts';
import type { Bound } from '../search.ts';
import { checkAndFix, type FixedResult, type FixedViolation } from '../fixes.ts';

/** What a program asks about the machine that its description does not tell, with the answers that there may be. */
interface Fact {
  readonly fact: string;
  readonly place: Place;
  readonly answers: readonly string[];
}

/** Most sets of answers that are gone through one by one; facts beyond are answered again whenever they are asked. */
const MOST_VARIANTS = 8;

/** Most steps in which facts are looked for. */
const MOST_STEPS = 2000;

/**
 * Checks as `checkAndFix` does, on every machine that the description may be of: where a program asks for what it does
 * not tell, and what does not change, each answer is another machine. Safe or unsafe only where all are.
 */
export function checkVariants(programs: readonly Program[], machine: KernelState, options: CheckOptions): FixedResult {
  const facts: Fact[] = [];
  let variants: ReadonlyMap<string, number>[] = [new Map()];
  for (let next = unanswered(programs, machine, variants); next; next = unanswered(programs, machine, variants)) {
    const { fact, answers } = next;
    if (variants.length * answers.length > MOST_VARIANTS) break;
    facts.push(next);
    variants = variants.flatMap((one) => answers.map((_, i) => new Map([...one, [fact, i]])));
  }
  const [first, ...others] = variants.map((variant, i) => {
    const work = options.work?.part(1 / (variants.length - i));
    return { variant, result: checkAndFix(assuming(programs, variant), machine, { ...options, work }) };
  });
  if (others.length === 0) return first!.result;
  const result = merged([first!, ...others], facts);
  const bounds = facts.filter((one) => programs.some((program) => mayChange(program, one))).map(changedFact);
  if (bounds.length === 0) return result;
  return {
    ...result,
    verdict: result.verdict === 'safe' ? 'unknown' : result.verdict,
    bounds: [...result.bounds, ...bounds],
  };
}

/** Whether a program changes a file that is asked for: the answer is another one then. */
function mayChange({ changed = new Set() }: Program, { fact }: Fact): boolean {
  return [...changed].some((path) => path.includes(UNKNOWN_TEXT) || fact.startsWith(`${path} `));
}

function changedFact({ fact, place }: Fact): Bound {
  return { place, text: `'${fact}': a program changes this, so that a later run is answered otherwise` };
}

const assuming = (programs: readonly Program[], facts: ReadonlyMap<string, number>): Program[] =>
  programs.map((program) => program.assuming?.(facts) ?? program);

/** A fact that the programs ask for on one of the machines and that it does not tell; undefined where there is none. */
function unanswered(
  programs: readonly Program[],
  machine: KernelState,
  variants: readonly ReadonlyMap<string, number>[],
): Fact | undefined {
  for (const variant of variants)
    for (const program of assuming(programs, variant)) {
      const fact = firstFact(program, machine, variant);
      if (fact) return fact;
    }
  return undefined;
}

/** The first fact that a program asks for where nothing else acts. */
function firstFact(program: Program, machine: KernelState, known: ReadonlyMap<string, number>): Fact | undefined {
  const open: { at: Position; kernel: KernelState }[] = [{ at: program.start, kernel: machine }];
  const seen = new Set<string>();
  for (let one = open.pop(); one && seen.size < MOST_STEPS; one = open.pop()) {
    const { at, kernel } = one;
    if (seen.has(at.key)) continue;
    seen.add(at.key);
    const step = program.next(at, kernel);
    if (step.kind === 'choice') {
      const { fact, place, ways } = step;
      if (fact !== null && !known.has(fact)) return { fact, place, answers: ways.map(({ text }) => text) };
      for (const { then } of ways.toReversed()) open.push({ at: then, kernel });
    } else if (step.kind === 'event') {
      const { state, result } = kernelStep(kernel, step.event);
      open.push({ at: step.then(result), kernel: state });
    } else if (step.kind !== 'end' && step.then) open.push({ at: step.then, kernel });
  }
  return undefined;
}

/** What came of all machines as one. */
function merged(
  results: readonly { readonly variant: ReadonlyMap<string, number>; readonly result: FixedResult }[],
  facts: readonly Fact[],
): FixedResult {
  const told = (variant: ReadonlyMap<string, number>) =>
    facts.map(({ fact, answers }) => answers[variant.get(fact)!]!).join(', ');
  const [{ result: first }] = results as [(typeof results)[number]];
  const verdicts = new Set(results.map(({ result }) => result.verdict));
  const all = results.map(({ result }) => result);
  const parts = results.map(({ variant, result }) => `${result.verdict} if ${told(variant)}`).join('; ');
  const place = facts[0]!.place;
  const sameAs = (one: FixedViolation) => (other: FixedViolation) =>
    other.property === one.property && other.device === one.device;
  const violations = results.flatMap(({ variant, result }) =>
    result.violations.map((one) =>
      all.every((other) => other.violations.some(sameAs(one)))
        ? one
        : { ...one, message: `${one.message}, if ${told(variant)}` },
    ),
  );
  return {
    ...first,
    verdict: verdicts.size === 1 ? first.verdict : 'unknown',
    violations: violations.filter((one, i) => violations.findIndex(sameAs(one)) === i),
    bounds: [...(verdicts.size === 1 ? [] : [{ place, text: parts }]), ...all.flatMap(({ bounds }) => bounds)],
    states: all.reduce((sum, { states }) => sum + states, 0),
    truncated: all.some(({ truncated }) => truncated),
    targets: [...new Set(all.flatMap(({ targets }) => targets))],
  };
}
