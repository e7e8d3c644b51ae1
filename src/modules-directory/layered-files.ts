import { readlinkSync } from 'node:fs';
import { openable, readablePath } from '../files/raw-path.ts';
import { unreadable } from '../files/read.ts';
import { diskFiles, type FileKind, type TreeFiles } from './tree-files.ts';
import { MAX_DIRECTORIES, tooManyDirectories } from './tree-scan.ts';

/** What a layer has at a path below the modules directory. */
export type LayerEntry<T> =
  | { readonly kind: 'directory' | 'other' }
  | { readonly kind: 'symlink'; readonly target: string }
  | LayerFile<T>;

export interface LayerFile<T> {
  readonly kind: 'file';
  /** For messages. */
  readonly file: string;
  /** The raw path of a file on disk. */
  readonly disk?: string;
  /** Where a file in a package lies: the package, the kernel there, and its path below the kernel's directory. */
  readonly member?: { readonly from: string; readonly release: string; readonly path: string };
  /** What was made of a file in a package when it was read. */
  readonly value?: T | undefined;
}

/** Most links that are followed in one path, as in the kernel. */
const MOST_LINKS = 40;

/**
 * The files of several layers as one modules directory, later layers winning file by file. `root` is what the directory
 * is called, a raw path. Links lead where they would lead if the directory were lib/modules/RELEASE of a machine on
 * which nothing else is.
 */
export class LayeredFiles<T> implements TreeFiles {
  readonly #entries = new Map<string, LayerEntry<T>>();
  readonly #root: string;
  readonly #home: readonly string[];
  readonly #bytesOf: (value: T) => Buffer | undefined;
  #children: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(root: string, release: string, bytesOf: (value: T) => Buffer | undefined) {
    this.#root = root;
    this.#home = ['lib', 'modules', release];
    this.#bytesOf = bytesOf;
  }

  /** Lays a layer (parents before what is in them) over those before it. */
  lay(layer: Iterable<readonly [string, LayerEntry<T>]>): void {
    for (const [path, entry] of layer) {
      const old = this.#entries.get(path);
      if (old?.kind === 'directory' && entry.kind === 'directory') continue;
      if (old?.kind === 'directory')
        for (const below of [...this.#entries.keys()]) if (below.startsWith(`${path}/`)) this.#entries.delete(below);
      this.#entries.set(path, entry);
    }
    this.#children = undefined;
  }

  /** The file at a path, links followed; undefined where there is none. */
  fileAt(path: string): LayerFile<T> | undefined {
    const entry = this.#entries.get(this.#follow(path));
    return entry?.kind === 'file' ? entry : undefined;
  }

  entries = (directory: string): { name: string; kind: FileKind }[] => {
    this.#children ??= childrenOf(this.#entries.keys());
    const below = this.#follow(directory);
    const names = this.#children.get(below) ?? [];
    return names.map((name) => ({ name, kind: this.#entries.get(below === '' ? name : `${below}/${name}`)!.kind }));
  };

  follow = (path: string): FileKind => {
    const below = this.#follow(path);
    return below === '' ? 'directory' : this.#entries.get(below)!.kind;
  };

  isFile = (path: string): boolean => {
    try {
      return this.follow(path) === 'file';
    } catch {
      return false;
    }
  };

  real = (path: string): string => {
    const below = this.#follow(path);
    return below === '' ? this.#root : `${this.#root}/${below}`;
  };

  read = (path: string): Buffer | undefined => {
    try {
      const file = this.fileAt(path);
      if (!file) return undefined;
      return file.disk === undefined ? file.value && this.#bytesOf(file.value) : diskFiles.read(file.disk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw unreadable(readablePath(path), error);
    }
  };

  /** What messages call a path: as it was asked for, in the package or the directory where its bytes are. */
  shown = (path: string): string => {
    if (!this.isFile(path)) return readablePath(path);
    const { file, member } = this.fileAt(path)!;
    const own = path.slice(this.#root.length + 1);
    const end = (release: string | undefined, below: string) =>
      readablePath(release === undefined ? below : `${release}/${below}`) + (member ? ')' : '');
    const stored = end(member?.release, member?.path ?? this.#follow(path));
    return file.endsWith(stored) ? file.slice(0, -stored.length) + end(member && this.#home.at(-1), own) : file;
  };

  /** A path below the root without links. Throws ENOENT, ENOTDIR, ELOOP as the system does. */
  #follow(path: string): string {
    if (path !== this.#root && !path.startsWith(`${this.#root}/`)) throw errno('ENOENT');
    const left = path.slice(this.#root.length).split('/');
    let at: string[] = [...this.#home];
    for (let links = 0; left.length > 0; ) {
      const part = left.shift()!;
      if (part === '' || part === '.') continue;
      if (part === '..') {
        at.pop();
        continue;
      }
      const next = [...at, part];
      const below = this.#below(next);
      const entry = below === undefined || below === '' ? undefined : this.#entries.get(below);
      if (below !== undefined && below !== '' && !entry) throw errno('ENOENT');
      if (entry?.kind === 'symlink') {
        if (++links > MOST_LINKS) throw errno('ELOOP');
        if (entry.target.startsWith('/')) at = [];
        left.unshift(...entry.target.split('/'));
        continue;
      }
      if (entry && entry.kind !== 'directory' && left.length > 0) throw errno('ENOTDIR');
      at = next;
    }
    const below = this.#below(at);
    if (below === undefined) throw errno('ENOENT');
    return below;
  }

  /** A place by its path below the directory, undefined above it; lib is a link to usr/lib. Throws ENOENT elsewhere. */
  #below(at: readonly string[]): string | undefined {
    const place = at[0] === 'usr' ? at.slice(1) : at;
    if (place.some((part, i) => i < this.#home.length && part !== this.#home[i])) throw errno('ENOENT');
    return place.length < this.#home.length ? undefined : place.slice(this.#home.length).join('/');
  }
}

/**
 * A directory on disk as a layer. A link to a file is that file, wherever it lies; one to a directory stays a link.
 * Throws `unreadable`, `too-many-directories`.
 */
export function diskLayer(root: string): [string, LayerEntry<never>][] {
  const layer: [string, LayerEntry<never>][] = [];
  const waiting = [''];
  let directories = 0;
  for (let below = waiting.pop(); below !== undefined; below = waiting.pop()) {
    const directory = below === '' ? root : `${root}/${below}`;
    let entries: ReturnType<TreeFiles['entries']>;
    try {
      entries = diskFiles.entries(directory);
    } catch (error) {
      throw unreadable(readablePath(directory), error);
    }
    for (const { name, kind } of entries) {
      const path = below === '' ? name : `${below}/${name}`;
      const disk = `${root}/${path}`;
      if (kind === 'directory') {
        layer.push([path, { kind }]);
        waiting.push(path);
        if (++directories > MAX_DIRECTORIES) throw tooManyDirectories(MAX_DIRECTORIES, 'directories', root);
      } else if (kind === 'file' || (kind === 'symlink' && diskFiles.isFile(disk)))
        layer.push([path, { kind: 'file', file: readablePath(disk), disk }]);
      else if (kind === 'symlink') layer.push([path, { kind, target: readlinkSync(openable(disk), 'latin1') }]);
      else layer.push([path, { kind: 'other' }]);
    }
  }
  return layer;
}

function childrenOf(paths: Iterable<string>): Map<string, string[]> {
  const children = new Map<string, string[]>();
  for (const path of paths) {
    const slash = path.lastIndexOf('/');
    const parent = path.slice(0, Math.max(slash, 0));
    const names = children.get(parent) ?? [];
    names.push(path.slice(slash + 1));
    children.set(parent, names);
  }
  return children;
}

function errno(code: string): Error {
  return Object.assign(new Error(code), { code });
}
