import type { Path } from './syntax.ts';

/** Members that valibot skips so that they cannot change an object's prototype. */
const HIDDEN_MEMBERS: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor']);

/** A value within another, which may be nested deeper than the stack is. */
interface Nested {
  readonly value: object;
  readonly key?: string | number;
  readonly within?: Nested;
}

/**
 * The paths, from `at`, of the members of a JSON value that valibot leaves out without a word. What the members
 * `except` of the value itself hold is not looked at.
 */
export function hiddenMembers(value: unknown, at: Path = [], except: readonly string[] = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const found: Path[] = [];
  const values: Nested[] = [{ value }];
  for (const within of values)
    for (const [name, member] of Object.entries(within.value)) {
      if (HIDDEN_MEMBERS.has(name)) found.push([...at, ...pathOf(within), name]);
      else if (typeof member === 'object' && member !== null && (within.within !== undefined || !except.includes(name)))
        values.push({ value: member, key: Array.isArray(within.value) ? Number(name) : name, within });
    }
  return found;
}

function pathOf(nested: Nested): Path {
  const path: (string | number)[] = [];
  for (let at = nested; at.within; at = at.within) path.unshift(at.key!);
  return path;
}
