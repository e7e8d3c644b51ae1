import type { Diagnostic } from '../../errors.ts';

/** What an image holds under one path. */
export type ImageEntry =
  | { readonly kind: 'file'; readonly size: number; readonly bytes: Buffer | undefined }
  | { readonly kind: 'directory' | 'other' }
  | { readonly kind: 'symlink'; readonly target: string };

/** One of the archives that an image consists of. */
export interface ImageArchive {
  /** Byte of the file at which it begins, or at which the compressed data around it does. */
  readonly offset: number;
  /** How it is compressed: `plain`, `gzip`, `xz`, `zstd`. */
  readonly packing: string;
  readonly members: number;
}

/** An initramfs as the kernel unpacks it: archives one after the other, later members over earlier ones. */
export interface InitramfsImage {
  readonly file: string;
  /** By raw path without a leading slash; files that nobody asked for are without bytes. */
  readonly entries: ReadonlyMap<string, ImageEntry>;
  readonly archives: readonly ImageArchive[];
  /** What could not be read: what would follow in the image is missing. */
  readonly problems: readonly Diagnostic[];
}

/** Bounds for hostile images. */
export interface ImageLimits {
  /** Unpacked bytes of the whole image. */
  readonly unpacked: number;
  readonly members: number;
  /** Bytes of one file that is kept, and of all of them. */
  readonly file: number;
  readonly kept: number;
}

/** Several times what the image of a distribution holds. */
export const IMAGE_LIMITS: ImageLimits = {
  unpacked: 4 * 1024 ** 3,
  members: 500_000,
  file: 32 * 1024 ** 2,
  kept: 256 * 1024 ** 2,
};

const MOST_LINKS = 40;

/** The file system that archives are unpacked into. */
export class ImageTree {
  readonly entries = new Map<string, ImageEntry>();

  /** Adds a member, over what is there (init/initramfs.c:clean_path). */
  add(path: string, entry: ImageEntry): void {
    const at = this.#place(path);
    if (at === undefined || at === '') return;
    // A directory that is there stays what it is.
    if (entry.kind === 'directory' && this.entries.get(at)?.kind === 'directory') return;
    this.entries.set(at, entry);
  }

  /** What is under a path, its last component not followed. */
  get(path: string): ImageEntry | undefined {
    const at = this.#place(path);
    return at === undefined ? undefined : this.entries.get(at);
  }

  /** The path with the links of its directories followed, as open(2) does; undefined in a circle of links. */
  #place(path: string): string | undefined {
    let links = 0;
    let left = path.split('/').filter((name) => name !== '' && name !== '.');
    const done: string[] = [];
    while (left.length > 0) {
      const [name, ...rest] = left as [string, ...string[]];
      left = rest;
      if (name === '..') {
        done.pop();
        continue;
      }
      done.push(name);
      if (left.length === 0) break;
      const entry = this.entries.get(done.join('/'));
      if (entry?.kind !== 'symlink') continue;
      if (++links > MOST_LINKS) return undefined;
      done.pop();
      if (entry.target.startsWith('/')) done.length = 0;
      left = [...entry.target.split('/').filter((part) => part !== '' && part !== '.'), ...left];
    }
    return done.join('/');
  }
}
