/** What the header of an rpm package says of one of its files. */
export interface KnownFile {
  /** As in cpio archives: `./` and the path. */
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  readonly target: string;
  /** Equal for the names of one file. */
  readonly inode: string;
  /** Names of the file. */
  readonly links: number;
  /** Whether it is listed only (%ghost): the archive does not have it. */
  readonly isGhost: boolean;
}

/** The files that the header of an rpm package lists, and which of them its archive has shown. */
export class KnownFiles {
  readonly #list: readonly KnownFile[];
  readonly #byPath: ReadonlyMap<string, KnownFile>;
  readonly #found = new Set<KnownFile>();

  constructor(list: readonly KnownFile[]) {
    this.#list = list;
    this.#byPath = new Map(list.map((entry) => [relative(entry.path), entry]));
  }

  get count(): number {
    return this.#list.length;
  }

  numbered(index: number): KnownFile | undefined {
    return this.#seen(this.#list[index]);
  }

  /** By a name in the archive, which may begin with `./`, `/` or neither (rpmfi.c:rpmfnFindFN). */
  named(path: string): KnownFile | undefined {
    return this.#seen(this.#byPath.get(relative(path)));
  }

  /** The first file that the archive should have shown and has not (rpmfi.c:iterReadArchiveNext). */
  missing(): KnownFile | undefined {
    return this.#list.find((entry) => !entry.isGhost && !this.#found.has(entry));
  }

  #seen(entry: KnownFile | undefined): KnownFile | undefined {
    if (entry) this.#found.add(entry);
    return entry;
  }
}

function relative(path: string): string {
  return path.replace(/^(\.\/)?\/?/, '');
}
