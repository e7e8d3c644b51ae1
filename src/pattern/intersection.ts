import type { Token } from './tokens.ts';

/** Whether some string over `alphabet` (1 at the place of each byte that it has) is matched by both patterns. Exact. */
export function intersects(a: readonly Token[], b: readonly Token[], alphabet: Uint8Array): boolean {
  const shorter = Math.min(a.length, b.length);
  let same = 0;
  for (; same < shorter; same++) {
    const [x, y] = [a[same]!, b[same]!];
    if (x === 'star' || y === 'star') break;
    if (!share(x, y, alphabet)) return false;
  }
  if (same === shorter && a.length === b.length) return true;
  for (let i = a.length, j = b.length; i > same && j > same; ) {
    const [x, y] = [a[--i]!, b[--j]!];
    if (x === 'star' || y === 'star') break;
    if (!share(x, y, alphabet)) return false;
  }
  return reachEnd(a, b, same, alphabet);
}

/** Whether the ends of both patterns can be reached together from `start`, where a star may stand still or go on. */
function reachEnd(a: readonly Token[], b: readonly Token[], start: number, alphabet: Uint8Array): boolean {
  let row = new Uint8Array(b.length + 1);
  row[start] = 1;
  for (let i = start; i <= a.length; i++) {
    const next = new Uint8Array(b.length + 1);
    const x = a[i];
    let alive = false;
    for (let j = start; j <= b.length; j++) {
      if (!row[j]) continue;
      alive = true;
      const y = b[j];
      // A star passes over what the other has, or ends; two stars come to their ends one after the other.
      if (y === 'star') row[j + 1] = 1;
      if (x === 'star') next[j] = 1;
      if (x === undefined || y === undefined) continue;
      if (x === 'star') {
        if (y !== 'star' && hasAny(y, alphabet)) row[j + 1] = 1;
      } else if (y === 'star') {
        if (hasAny(x, alphabet)) next[j] = 1;
      } else if (share(x, y, alphabet)) next[j + 1] = 1;
    }
    if (!alive) return false;
    if (i === a.length) return row[b.length] === 1;
    row = next;
  }
  return false;
}

function share(x: Uint8Array, y: Uint8Array, alphabet: Uint8Array): boolean {
  if (x === y) return hasAny(x, alphabet);
  const last = Math.min(x.lastIndexOf(1), y.lastIndexOf(1));
  for (let byte = Math.max(x.indexOf(1), y.indexOf(1), 1); byte <= last; byte++)
    if (x[byte] === 1 && y[byte] === 1 && alphabet[byte] === 1) return true;
  return false;
}

function hasAny(set: Uint8Array, alphabet: Uint8Array): boolean {
  for (let byte = set.indexOf(1); byte !== -1; byte = set.indexOf(1, byte + 1)) if (alphabet[byte] === 1) return true;
  return false;
}
