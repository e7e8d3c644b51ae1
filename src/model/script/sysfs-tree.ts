/** What stands at a path of sysfs. A text, or the names of a directory, are null where the state does not tell them. */
export type SysfsEntry =
  | { readonly kind: 'directory'; readonly names: readonly string[] | null }
  | { readonly kind: 'file'; readonly text: string | null }
  /** The target is a path relative to sysfs's root. */
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'absent' }
  /** Whether there is something is not known. */
  | { readonly kind: 'unknown' };

/** A directory whose entries are made when they are asked for. */
export interface Directory {
  readonly kind: 'directory';
  /** Those that begin so; null where the state does not tell all of these. */
  readonly names: (start: string) => readonly string[] | null;
  readonly child: (name: string) => Node;
}

export type Node = Directory | Exclude<SysfsEntry, { kind: 'directory' }>;

export const ABSENT: SysfsEntry & Node = { kind: 'absent' };
export const UNKNOWN: SysfsEntry & Node = { kind: 'unknown' };

/**
 * A directory of these entries; with `open`, there are others that the state does not tell, but for those that begin
 * with `told`.
 */
export function directory(
  entries: Readonly<Record<string, Node | (() => Node)>>,
  open = false,
  told?: string,
): Directory {
  const isTold = (name: string) => !open || (told !== undefined && name.startsWith(told));
  return {
    kind: 'directory',
    names: (start) =>
      !isTold(start)
        ? null
        : Object.keys(entries).filter((name) => name.startsWith(start) && nodeOf(entries[name]!).kind !== 'absent'),
    child: (name) => (Object.hasOwn(entries, name) ? nodeOf(entries[name]!) : isTold(name) ? ABSENT : UNKNOWN),
  };
}

/**
 * A directory in which each name is looked up, besides the entries of another; its names are gone through only where
 * they are asked for.
 */
export function lookedUp(
  names: () => readonly string[],
  find: (name: string) => Node | undefined,
  besides: () => Directory = () => directory({}),
): Directory {
  return {
    kind: 'directory',
    names: (start) => {
      const others = besides().names(start);
      return others && [...new Set([...others, ...names().filter((name) => name.startsWith(start))])];
    },
    child: (name) => find(name) ?? besides().child(name),
  };
}

const nodeOf = (entry: Node | (() => Node)): Node => (typeof entry === 'function' ? entry() : entry);
