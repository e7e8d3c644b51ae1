/** How often each string occurs. */
export type Multiset = ReadonlyMap<string, number>;

export function countOf(items: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** What `a` has more of than `b`, and by how much. */
export function surplus(a: Multiset, b: Multiset): Map<string, number> {
  const more = new Map<string, number>();
  for (const [item, count] of a) {
    const left = count - (b.get(item) ?? 0);
    if (left > 0) more.set(item, left);
  }
  return more;
}

export function sameCounts(a: Multiset, b: Multiset): boolean {
  if (a.size !== b.size) return false;
  for (const [item, count] of a) if (b.get(item) !== count) return false;
  return true;
}
