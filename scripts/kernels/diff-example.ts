/** A change as `diff --json` prints it. */
export interface Change {
  readonly class: string;
  readonly pattern: string;
  readonly example: string;
  readonly old: readonly string[];
  readonly new: readonly string[];
}

type Modules = readonly string[];

/**
 * What libkmod's answers to an example must be, as sets with renames applied; gains are the same with the sides
 * exchanged.
 */
const LOSSES: Readonly<Record<string, (gone: Modules, old: Modules, now: Modules) => boolean>> = {
  lost: (gone, old, now) => gone.length > 0 && isSubset(now, old),
  'override-only': (gone, old, now) => gone.length > 0 && isSubset(now, old),
  generic: (gone, old, now) => gone.length > 0 && now.some((module) => old.includes(module)),
  dropped: (gone, old, now) => gone.length > 0 && now.some((module) => old.includes(module)),
  moved: (gone, old, now) => gone.length > 0 && !isSubset(now, old),
  narrowed: (gone) => gone.length > 0,
};

const GAINS: Readonly<Record<string, string>> = {
  gained: 'lost',
  specific: 'generic',
  joined: 'dropped',
  widened: 'narrowed',
};

const isSubset = (part: Modules, whole: Modules) => part.every((module) => whole.includes(module));

/** What is wrong with a change's example by libkmod's answers in OLD and NEW; undefined where it shows the class. */
export function showsItsClass(
  change: Change,
  old: Modules,
  now: Modules,
  named: (modules: Modules) => string[],
): string | undefined {
  const said = `libkmod says ${old.join(' ') || 'none'} -> ${now.join(' ') || 'none'}`;
  const once = (modules: Modules) => [...new Set(modules)].join(' ');
  if (once(old) !== change.old.join(' ') || once(now) !== change.new.join(' '))
    return `${said}, diff says ${change.old.join(' ') || 'none'} -> ${change.new.join(' ') || 'none'}`;
  const [a, b] = [named(old), named(now)];
  const mirrored = GAINS[change.class];
  const rule = LOSSES[mirrored ?? change.class];
  const [from, to] = mirrored === undefined ? [a, b] : [b, a];
  const gone = from.filter((module) => !to.includes(module));
  if (rule) return rule(gone, from, to) ? undefined : said;
  if (change.class === 'order') return a[0] !== b[0] && isSubset(a, b) && isSubset(b, a) ? undefined : said;
  return a.length > 0 && b.length > 0 ? undefined : said;
}
