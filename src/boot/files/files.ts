import { basename } from 'node:path';
import { latin1 } from '../../binary/reader.ts';

/** What a layer has under a path; a `null` stands for /dev/null and reads as empty. */
export type Entry =
  | { readonly kind: 'file'; readonly read: () => Buffer | undefined }
  | { readonly kind: 'directory' | 'other' }
  | { readonly kind: 'symlink'; readonly target: string };

/** Files of one source: a directory, an image, files that are to be installed. Paths have no leading slash. */
export interface Layer {
  /** What is under a path, its links not followed. */
  readonly entry: (path: string) => Entry | undefined;
  /** The names in a directory; none where it cannot be read. */
  readonly names: (path: string) => readonly string[];
  /** What a file of the layer is called in messages. */
  readonly label: (path: string) => string;
}

const MOST_LINKS = 40;

/**
 * A file system of layers, the first that has a path deciding. Links are followed as after chroot(2): an absolute one
 * starts at this root, and none leads out of it.
 */
export class Files {
  readonly #layers: readonly Layer[];

  constructor(layers: readonly Layer[]) {
    this.#layers = layers;
  }

  /** The path with all links followed; undefined where nothing is there or links form a circle. */
  real(path: string): string | undefined {
    const done: string[] = [];
    let left = parts(path);
    for (let links = 0; left.length > 0; ) {
      const name = left[0]!;
      left = left.slice(1);
      if (name === '..') {
        done.pop();
        continue;
      }
      done.push(name);
      const at = done.join('/');
      // The device is there however little of /dev is.
      if (at === 'dev' && left.join() === 'null') return 'dev/null';
      const entry = this.#entry(at);
      if (entry === undefined) return undefined;
      if (entry.kind !== 'symlink') continue;
      if (++links > MOST_LINKS) return undefined;
      done.pop();
      if (entry.target.startsWith('/')) done.length = 0;
      left = [...parts(entry.target), ...left];
    }
    return done.join('/');
  }

  /** The bytes of a file, empty for /dev/null; undefined where there is none that can be read. */
  read(path: string): Buffer | undefined {
    const real = this.real(path);
    if (real === 'dev/null') return Buffer.alloc(0);
    const entry = real === undefined ? undefined : this.#entry(real);
    return entry?.kind === 'file' ? entry.read() : undefined;
  }

  /** The same as text, one character a byte. */
  text(path: string): string | undefined {
    const bytes = this.read(path);
    return bytes && latin1(bytes);
  }

  exists(path: string): boolean {
    return this.real(path) !== undefined;
  }

  isDirectory(path: string): boolean {
    const real = this.real(path);
    return real === '' || (real !== undefined && this.#entry(real)?.kind === 'directory');
  }

  /** Whether a path leads to /dev/null or to an empty file, which masks what it stands for. */
  isMasked(path: string): boolean {
    return this.real(path) === 'dev/null' || this.read(path)?.length === 0;
  }

  /** The text of a link, not followed. */
  link(path: string): string | undefined {
    const cut = path.lastIndexOf('/');
    const directory = cut < 0 ? '' : this.real(path.slice(0, cut));
    if (directory === undefined) return undefined;
    const entry = this.#entry(directory === '' ? path.slice(cut + 1) : `${directory}/${path.slice(cut + 1)}`);
    return entry?.kind === 'symlink' ? entry.target : undefined;
  }

  /** The names in a directory, sorted by their bytes. */
  list(path: string): readonly string[] {
    const real = this.real(path);
    if (real === undefined) return [];
    const names = new Set(this.#layers.flatMap((layer) => layer.names(real)));
    return [...names].sort();
  }

  /** What a file is called in messages, by the layer that has it. */
  label(path: string): string {
    const real = this.real(path) ?? path;
    return (this.#layers.find((layer) => layer.entry(real)) ?? this.#layers.at(-1))?.label(real) ?? real;
  }

  /**
   * The files of several directories by their names, sorted by them; a name in an earlier directory hides that of a
   * later one, and what leads to /dev/null is left out with what it hides. So read systemd, udev and kmod theirs.
   */
  dropIns(directories: readonly string[], suffix: string): { readonly path: string; readonly text: string }[] {
    const found = new Map<string, string>();
    const seen = new Set<string>();
    for (const directory of directories) {
      const real = this.real(directory);
      if (real === undefined || seen.has(real)) continue;
      seen.add(real);
      for (const name of this.list(real))
        if (name.endsWith(suffix) && !name.startsWith('.') && !found.has(name)) found.set(name, `${real}/${name}`);
    }
    return [...found.values()]
      .sort((a, b) => (basename(a) < basename(b) ? -1 : 1))
      .flatMap((path) => {
        const text = this.text(path);
        return text === undefined ? [] : { path, text };
      });
  }

  #entry(path: string): Entry | undefined {
    for (const layer of this.#layers) {
      const entry = layer.entry(path);
      if (entry) return entry;
    }
    return undefined;
  }
}

function parts(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}
