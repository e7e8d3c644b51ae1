import type { Files } from '../files.ts';
import { SOME_NAME, UNKNOWN_TEXT } from '../thread.ts';
import { hasWildcard, matches, parsePattern, plainText } from './pattern.ts';

/**
 * The paths that a pattern matches, sorted. Where a directory's entries are not known, a path with SOME_NAME stands for
 * any number of them.
 */
export function expandGlob(files: Files, pattern: string): string[] {
  const segments = pattern.split('/');
  let paths = [segments[0] === '' ? '' : null] as (string | null)[];
  let isOpen = false;
  for (const [i, segment] of segments.entries()) {
    if (i === 0 && segment === '') continue;
    const parsed = parsePattern(segment);
    const next: string[] = [];
    for (const path of paths) {
      const join = (name: string) => (path === null ? name : `${path}/${name}`);
      if (!hasWildcard(parsed)) {
        next.push(join(plainText(parsed)));
        continue;
      }
      const where = path === null ? '.' : path === '' ? '/' : path;
      const start = plainText(
        parsed.slice(
          0,
          parsed.findIndex((token) => typeof token !== 'string'),
        ),
      );
      const names = files.names(where, start);
      if (names === null && files.kind(where) !== 'absent') {
        isOpen = true;
        next.push(join(`${start}${SOME_NAME}`));
        continue;
      }
      for (const name of names ?? [])
        if ((segment.startsWith('.') || !name.startsWith('.')) && matches(parsed, name)) next.push(join(name));
    }
    paths = next;
  }
  const found = paths.filter((path): path is string => path !== null);
  if (isOpen) return found;
  const kinds = found.map((path) => files.kind(path, false));
  if (kinds.includes('unknown')) return [UNKNOWN_TEXT];
  return found.filter((_path, i) => kinds[i] !== 'absent');
}
