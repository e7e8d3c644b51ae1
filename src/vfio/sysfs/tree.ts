import fs from 'node:fs';
import path from 'node:path';
import { ModaliasError } from '../../errors.ts';
import { READ_LIMIT, readLine, readPage, readStart } from './read-file.ts';

/**
 * A sysfs or proc file system under any directory, read only. Paths are relative to the root and have no leading slash.
 * No link is followed out of the root, no read exceeds its limit, and whatever cannot be read is `undefined`: a
 * machine's description has gaps, and a recorded or hostile one has more.
 */
export class Tree {
  readonly root: string;
  #real: string | undefined;
  readonly #directories = new Map<string, string>();
  readonly #parents = new Set<string>();
  readonly #listed = new Set<string>();

  constructor(root: string) {
    this.root = path.resolve(root);
  }

  /** The path with every link resolved, or undefined if it is missing, loops or leaves the root. */
  real(at: string): string | undefined {
    const root = this.#rootPath();
    try {
      const found = fs.realpathSync.native(`${root}/${at}`);
      if (found === root) return '';
      if (!found.startsWith(`${root}/`)) return undefined;
      const real = found.slice(root.length + 1);
      this.#directories.set(real, real);
      return real;
    } catch {
      return undefined;
    }
  }

  /**
   * The path below the root of a file that any other path names, such as a link to it; undefined if it is elsewhere.
   */
  below(file: string): string | undefined {
    const root = this.#rootPath();
    try {
      const found = fs.realpathSync.native(file);
      return found.startsWith(`${root}/`) ? found.slice(root.length + 1) : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * `real` of every link in a directory, in the order of their names, without those that lead to none. For links whose
   * text is relative, as sysfs writes them, a look at the entries of a parent tells for all its children from the
   * second on. The directory's own name is not resolved, which saves a call for each of thousands: only its links
   * matter.
   */
  realLinks(at: string): readonly string[] {
    const file = this.locate(at);
    if (file === undefined) return [];
    return (attempt(file, readNames) ?? []).sort(byBytes).flatMap((name) => {
      const text = attempt(`${file}/${name}`, readLink);
      return text === undefined ? [] : (this.#target(at, text, `${at}/${name}`) ?? []);
    });
  }

  /** Where the link `at`, which holds a text, leads to from a directory. */
  #target(directory: string, text: string, at: string): string | undefined {
    const target = joined(directory, text);
    if (target === undefined) return this.real(at);
    const parent = target.slice(0, Math.max(0, target.lastIndexOf('/')));
    // A bridge often has only one child, which is then resolved alone.
    if (this.#parents.has(parent)) {
      if (!this.#listed.has(parent)) this.#entries(parent);
    } else this.#parents.add(parent);
    return this.#directory(target) === target ? target : this.real(at);
  }

  /** The file's absolute path with every directory's link resolved; the last component is left as it is. */
  locate(at: string): string | undefined {
    const cut = at.lastIndexOf('/');
    const name = at.slice(cut + 1);
    if (name === '..') return undefined;
    const directory = cut < 0 ? '' : at.slice(0, cut);
    const real = this.#directory(directory);
    if (real === undefined) return undefined;
    return real === '' ? `${this.#rootPath()}/${name}` : `${this.#rootPath()}/${real}/${name}`;
  }

  /**
   * `real` for a directory that files are read in: one look at each part of its path, and none if it is cached.
   */
  #directory(at: string): string | undefined {
    const known = this.#directories.get(at);
    if (known !== undefined) return known;
    const plain = !/(?:^|\/)\.{0,2}$/.test(at) && this.#try(at, lstat)?.isDirectory();
    const real = plain ? this.locate(at)?.slice(this.#rootPath().length + 1) : this.real(at);
    if (real !== undefined) this.#directories.set(at, real);
    return real;
  }

  /** The content of a regular file, one character per byte, truncated to `limit` bytes. */
  read(at: string, limit = READ_LIMIT): string | undefined {
    return this.#try(at, (file) => readStart(file, limit, () => false));
  }

  /** One line: the text up to the first newline. */
  line(at: string): string | undefined {
    return this.#try(at, readLine);
  }

  /** An attribute of sysfs: one read returns all of it, a page at most (fs/kernfs/file.c:kernfs_file_read_iter). */
  attribute(at: string): string | undefined {
    return this.#try(at, readPage);
  }

  /** Names in a directory, sorted by their bytes; none where it cannot be read. */
  list(at: string): readonly string[] {
    return this.#entries(at).map(nameOf).sort(byBytes);
  }

  /** Names of the directories in a directory, links to directories left out, sorted. */
  directories(at: string): readonly string[] {
    return this.#entries(at)
      .flatMap((entry) => (entry.isDirectory() ? entry.name : []))
      .sort(byBytes);
  }

  #entries(at: string): readonly fs.Dirent[] {
    const entries = this.#try(`${at}/.`, readEntries);
    if (!entries) return [];
    this.#listed.add(at);
    const real = this.#directories.get(at);
    // A directory that is not a link needs no second look.
    if (real)
      for (const entry of entries)
        if (entry.isDirectory()) this.#directories.set(`${at}/${entry.name}`, `${real}/${entry.name}`);
    return entries;
  }

  /** The text of a link, not followed. */
  link(at: string): string | undefined {
    return this.#try(at, readLink);
  }

  /**
   * The last component of a link's text: for `driver`, `iommu_group` and `subsystem` that is the name of its target.
   */
  linkName(at: string): string | undefined {
    const text = this.link(at);
    const name = text?.slice(text.lastIndexOf('/') + 1);
    return name === undefined || name === '' || name === '.' || name === '..' ? undefined : name;
  }

  /**
   * `MAJOR:MINOR` of the character device that a descriptor in /proc/PID/fd has open. It alone is followed wherever it
   * leads: the file may be in another mount namespace, and only its number is taken.
   */
  deviceNumber(at: string): string | undefined {
    return this.#try(at, readNumber);
  }

  /** Whether the name exists; a link counts wherever it leads. */
  exists(at: string): boolean {
    return this.#try(at, lstat) !== undefined;
  }

  /** Drops the cache of directories; needed after devices were added or removed. */
  forget(): void {
    this.#directories.clear();
    this.#parents.clear();
    this.#listed.clear();
  }

  #rootPath(): string {
    if (this.#real === undefined) {
      try {
        this.#real = fs.realpathSync.native(`${this.root}/`).replace(/\/$/, '');
      } catch (cause) {
        throw new ModaliasError(
          'no-root',
          'this directory cannot be read; name a mounted sysfs or proc, or a copy of one',
          { file: this.root },
          { cause },
        );
      }
    }
    return this.#real;
  }

  #try<T>(at: string, use: (file: string) => T): T | undefined {
    const file = this.locate(at);
    return file === undefined ? undefined : attempt(file, use);
  }
}

function attempt<T>(file: string, use: (file: string) => T): T | undefined {
  try {
    return use(file);
  } catch {
    return undefined;
  }
}

/**
 * What a link in a directory leads to, by their texts: so many `..`, then names. Undefined for a link that leaves the
 * root and for what sysfs never writes.
 */
function joined(directory: string, text: string): string | undefined {
  let base = `/${directory}`;
  let start = 0;
  for (; text.startsWith('../', start); start += 3) {
    if (base === '') return undefined;
    base = base.slice(0, base.lastIndexOf('/'));
  }
  const rest = text.slice(start);
  return /^\/|\/$|\/\/|(?:^|\/)\.\.?(?:$|\/)/.test(rest) ? undefined : `${base}/${rest}`.slice(1);
}

// One function each, so that reading thousands of files creates no closures.
const readLink = (file: string) => fs.readlinkSync(file, 'latin1');
const readNames = (directory: string) => fs.readdirSync(directory, 'latin1');
const nameOf = ({ name }: fs.Dirent) => name;
const readEntries = (directory: string) => fs.readdirSync(directory, { encoding: 'latin1', withFileTypes: true });
const lstat = (file: string) => fs.lstatSync(file, { throwIfNoEntry: false });
/** As the kernel packs them (include/linux/kdev_t.h:new_encode_dev). */
function readNumber(file: string): string | undefined {
  const found = fs.statSync(file);
  const { rdev } = found;
  return found.isCharacterDevice() ? `${(rdev >> 8) & 0xfff}:${(rdev & 0xff) | ((rdev >> 12) & 0xfff00)}` : undefined;
}
const byBytes = (a: string, b: string) => (a < b ? -1 : 1);
