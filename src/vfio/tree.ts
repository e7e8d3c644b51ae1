import fs from 'node:fs';
import path from 'node:path';
import { latin1 } from '../binary/reader.ts';
import { ModaliasError } from '../errors.ts';

const READ_LIMIT = 64 * 1024;
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/**
 * A sysfs or proc file system under any directory, read only. Paths are relative to the root and have no leading slash. No link is
 * followed out of the root, no read is longer than its limit, and whatever cannot be read is `undefined`: a machine's description
 * has holes, and a recorded or hostile one has more of them.
 */
export class Tree {
  readonly root: string;
  #real: string | undefined;
  readonly #directories = new Map<string, string>();

  constructor(root: string) {
    this.root = path.resolve(root);
  }

  /** The path with every link resolved, or undefined where it is missing, goes in circles or leaves the root. */
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

  /** The file's absolute path with every directory's link resolved; the last component is left as it is. */
  locate(at: string): string | undefined {
    const cut = at.lastIndexOf('/');
    const directory = cut < 0 ? '' : at.slice(0, cut);
    let real = this.#directories.get(directory);
    if (real === undefined) {
      real = this.real(directory);
      if (real === undefined) return undefined;
      this.#directories.set(directory, real);
    }
    return path.join(this.#rootPath(), real, at.slice(cut + 1));
  }

  /** What a regular file holds, one character a byte, cut after `limit` bytes. */
  read(at: string, limit = READ_LIMIT): string | undefined {
    return this.#try(at, (file) => {
      // Without O_NONBLOCK a named pipe would wait for its writer.
      const fd = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        const buffer = Buffer.allocUnsafe(limit);
        let size = 0;
        for (let got = -1; got !== 0 && size < limit; size += got)
          got = fs.readSync(fd, buffer, size, limit - size, null);
        return latin1(buffer.subarray(0, size));
      } finally {
        fs.closeSync(fd);
      }
    });
  }

  /** One line: the text up to the first newline. */
  line(at: string): string | undefined {
    return this.read(at, 4200)?.split('\n', 1)[0];
  }

  /** Names in a directory, sorted by their bytes; none where it cannot be read. */
  list(at: string): readonly string[] {
    const names = this.#try(`${at}/.`, (directory) => fs.readdirSync(directory, 'latin1'));
    return names?.sort((a, b) => (a < b ? -1 : 1)) ?? [];
  }

  /** Names of the directories in a directory, links to directories left out, sorted. */
  directories(at: string): readonly string[] {
    const entries = this.#try(`${at}/.`, (directory) =>
      fs.readdirSync(directory, { encoding: 'latin1', withFileTypes: true }),
    );
    const names = entries?.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    return names?.sort((a, b) => (a < b ? -1 : 1)) ?? [];
  }

  /** The text of a link, not followed. */
  link(at: string): string | undefined {
    return this.#try(at, (file) => fs.readlinkSync(file, 'latin1'));
  }

  /** The last component of a link's text: for `driver`, `iommu_group` and `subsystem` that is the name of what it stands for. */
  linkName(at: string): string | undefined {
    const text = this.link(at);
    const name = text?.slice(text.lastIndexOf('/') + 1);
    return name === undefined || name === '' || name === '.' || name === '..' ? undefined : name;
  }

  exists(at: string): boolean {
    return this.#try(at, (file) => fs.lstatSync(file)) !== undefined;
  }

  /** Forgets where directories lie; wanted after devices came or went. */
  forget(): void {
    this.#directories.clear();
  }

  #rootPath(): string {
    if (this.#real === undefined) {
      try {
        this.#real = fs.realpathSync.native(this.root).replace(/\/$/, '');
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
    if (file === undefined) return undefined;
    try {
      return use(file);
    } catch {
      return undefined;
    }
  }
}
