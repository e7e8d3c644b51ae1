import { ModaliasError } from '../../errors.ts';
import type { KnownDevice } from '../../inventory/known-device.ts';
import { keyTokensOf } from '../../match/key-tokens.ts';
import { type Match, NO_MATCHES } from '../../match/match.ts';
import { namesDevice } from '../../match/ranking.ts';
import { isIncluded } from '../../pattern/inclusion.ts';
import { LookupKey } from '../../pattern-index/lookup-key.ts';
import type { CoverageKernel, Found } from './kernel.ts';

/** How a kernel serves a device, the best first. */
export const STATES = ['module', 'builtin', 'generic', 'none', 'unknown'] as const;

/**
 * `module`: a loadable module. `builtin`: a built-in driver. `generic`: only drivers of a wider class are left of those
 * that serve it in another of the kernels. `none`: nothing that is known. `unknown`: that depends on fields
 * that the inventory lacks, the module of another kernel may be built in here, or the modalias is not what a
 * device prints.
 */
export type State = (typeof STATES)[number];

/** What a kernel says to a device. */
export interface Answer {
  readonly state: State;
  /** libkmod's answer: modules in its order, each once. */
  readonly modules: readonly string[];
  /** The package that the first of them comes in that comes in any; null where none does. */
  readonly package: string | null;
  /** Modules that serve the device or not, by the fields that the inventory lacks. */
  readonly depends?: readonly string[];
  /**
   * Modules that serve the device elsewhere and are built in here, where the kernel does not record what they match.
   */
  readonly mayBeBuiltin?: readonly string[];
}

const NOTHING: Found = { answer: NO_MATCHES, hidden: NO_MATCHES, possible: NO_MATCHES };
const key = new LookupKey();

/** What each of the kernels says to a device, in their order; a modalias that libkmod refuses is served by none. */
export function answersTo(device: KnownDevice, kernels: readonly CoverageKernel[]): readonly Answer[] {
  const isKey = setKey(device.modalias) === undefined;
  const found = kernels.map((kernel) => (isKey ? foundBy(kernel, device) : NOTHING));
  const answers = found.map((one, i) => {
    const answer = answerOf(one, kernels[i]!);
    return answer === NO_DRIVER && device.fault !== undefined ? MISWRITTEN : answer;
  });
  const first = answers[0]!;
  const same = answers.every(
    (one) => one === first || (one.state === first.state && sameModules(one.modules, first.modules)),
  );
  if (same) return answers;
  const served = found.map(({ answer, hidden }) => new Set([...answer, ...hidden].map(({ module }) => module)));
  return answers.map((answer, i) => {
    const builtin = mayBeBuiltin(i, kernels, found, served);
    if (builtin.length > 0) {
      const state = answer.state === 'none' ? 'unknown' : answer.state;
      return { ...answer, state, mayBeBuiltin: builtin };
    }
    return isGeneric(i, found, served) ? { ...answer, state: 'generic' } : answer;
  });
}

/** Why libkmod looks a modalias up nowhere at all, so that no kernel serves it; undefined where it does look. */
export function refusalOf(modalias: string): string | undefined {
  return /[[\]\u0100-\uffff]/.test(modalias) ? setKey(modalias) : undefined;
}

/** Sets the key; the reason where a modalias cannot be one. */
function setKey(modalias: string): string | undefined {
  try {
    key.set(modalias);
    return undefined;
  } catch (error) {
    if (error instanceof ModaliasError) return error.message;
    throw error;
  }
}

/** Nothing for a modalias that is too long beside its module's name: libkmod fails for it too (ENAMETOOLONG). */
function foundBy(kernel: CoverageKernel, device: KnownDevice): Found {
  try {
    return kernel.find(key, device);
  } catch (error) {
    if (error instanceof ModaliasError && error.code === 'name-too-long') return NOTHING;
    throw error;
  }
}

/** Answers by their modules: those of loadable ones, and those of built-in ones. */
type Answers = readonly [loadable: Map<string, Answer>, builtin: Map<string, Answer>];
const known = new WeakMap<CoverageKernel, Answers>();
/** Kernels without packages share theirs, so that the same answers are the same objects. */
const unpacked: Answers = [new Map(), new Map()];
/** What devices carry lists of ids can combine the modules of a kernel in many ways. */
const MOST_ANSWERS = 20_000;

/** The same for the same modules, as most devices have a driver that many others have too. */
function answerOf({ answer, possible }: Found, kernel: CoverageKernel): Answer {
  const source = answer[0]?.source;
  if (possible.length > 0) {
    const modules = namesOf(answer);
    const depends = namesOf(possible).filter((name) => !modules.includes(name));
    const certain = newAnswer(source === undefined ? 'unknown' : stateOf(source), modules, kernel);
    return depends.length > 0 ? { ...certain, depends } : certain;
  }
  if (source === undefined) return NO_DRIVER;
  let answers = kernel.side.packageOf ? known.get(kernel) : unpacked;
  if (!answers) {
    answers = [new Map(), new Map()];
    known.set(kernel, answers);
  }
  const of = answers[isBuiltin(source) ? 1 : 0];
  const modules = answer.length > 1 ? namesOf(answer) : undefined;
  const name = modules ? modules.join() : answer[0]!.module;
  let found = of.get(name);
  if (!found) {
    found = newAnswer(stateOf(source), modules ?? [name], kernel);
    if (of.size >= MOST_ANSWERS) of.clear();
    of.set(name, found);
  }
  return found;
}

const NO_DRIVER: Answer = { state: 'none', modules: [], package: null };
const MISWRITTEN: Answer = { state: 'unknown', modules: [], package: null };

function newAnswer(state: State, modules: readonly string[], { side }: CoverageKernel): Answer {
  const home = side.packageOf && modules.find((module) => side.packageOf!(module) !== undefined);
  return { state, modules, package: home === undefined ? null : side.packageOf!(home)!.name };
}

const stateOf = (source: Match['source']): State => (isBuiltin(source) ? 'builtin' : 'module');
const isBuiltin = (source: Match['source']) => source === 'builtin' || source === 'builtin-name';

/** Up to so many names a list is searched sooner than a set is made. */
const FEW = 8;

function namesOf(matches: readonly Match[]): readonly string[] {
  if (matches.length > FEW) return [...new Set(matches.map(({ module }) => module))];
  const names: string[] = [];
  for (const { module } of matches) if (!names.includes(module)) names.push(module);
  return names;
}

function sameModules(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((module, i) => module === other[i]);
}

/**
 * The modules that serve a device in other kernels, and of which this one tells no more than that they are built in.
 */
function mayBeBuiltin(
  at: number,
  kernels: readonly CoverageKernel[],
  found: readonly Found[],
  served: readonly ReadonlySet<string>[],
): string[] {
  const { records, side } = kernels[at]!;
  if (records === 'tables') return [];
  const modules = new Set<string>();
  for (const { answer, hidden } of found) {
    for (const { module, source } of [...answer, ...hidden]) {
      if (served[at]!.has(module)) continue;
      if (records === 'names' ? side.builtinNames!.has(module) : isBuiltin(source)) modules.add(module);
    }
  }
  return [...modules];
}

/**
 * Whether only wider drivers are left: another kernel has a pattern for the device whose module does not serve it here,
 * and all that serves it here is there too, by patterns that match all that this one does and more, or only name a
 * class of devices where this one gives their ids.
 */
function isGeneric(at: number, found: readonly Found[], served: readonly ReadonlySet<string>[]): boolean {
  const here = [...found[at]!.answer, ...found[at]!.hidden];
  if (here.length === 0) return false;
  return found.some(({ answer, hidden }) => {
    const there = [...answer, ...hidden];
    const isThere = (match: Match) =>
      there.some(({ module, pattern }) => module === match.module && pattern === match.pattern);
    return (
      here.every(isThere) &&
      there.some((one) => !served[at]!.has(one.module) && here.every((match) => isNarrower(one.pattern, match.pattern)))
    );
  });
}

const narrower = new Map<string, boolean>();
/** A fleet asks for the same few pairs again and again. */
const MOST_KNOWN = 100_000;

/** Whether a pattern matches only a part of what another does, or gives ids of devices where the other does not. */
function isNarrower(inner: string, outer: string): boolean {
  const name = `${inner}\0${outer}`;
  let known = narrower.get(name);
  if (known === undefined) {
    const [ours, theirs] = [keyTokensOf(inner), keyTokensOf(outer)];
    const isWithin = !!ours && !!theirs && isIncluded(ours, theirs) && !isIncluded(theirs, ours);
    known = isWithin || (namesDevice(inner) === true && namesDevice(outer) === false);
    if (narrower.size >= MOST_KNOWN) narrower.clear();
    narrower.set(name, known);
  }
  return known;
}
