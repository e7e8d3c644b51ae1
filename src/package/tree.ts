import { ModaliasError } from '../errors.ts';
import { PACKAGE_LIMITS, PATH_MAX } from './limits.ts';
import { badPackage, type Member, memberFile } from './member.ts';
import { packageMembers } from './open-package.ts';

/** What stands at a path of a kernel's tree. */
export type TreeEntry<T> =
  | { readonly kind: 'directory' | 'other' }
  | { readonly kind: 'symlink'; readonly target: string }
  | {
      readonly kind: 'file';
      /** The package and the member, for messages. */
      readonly file: string;
      /** Where its bytes are: hard links to it, even from another kernel, are this same entry. */
      readonly at: { readonly release: string; readonly path: string };
      /** What `visit` made of its bytes; undefined where it was not asked for. */
      value: T | undefined;
    };

/** The entries of one kernel by their paths below lib/modules/RELEASE (raw paths, parents before children). */
export type KernelTree<T> = Map<string, TreeEntry<T>>;

export interface TreeVisitor<T> {
  /** Whether `visit` is to see the bytes of the file at this path below lib/modules/RELEASE. */
  readonly wants: (path: string, release: string) => boolean;
  /**
   * Makes something of a file's bytes, which are void once it has ended. `file` is the package and the member, for
   * messages.
   */
  readonly visit: (bytes: Uint8Array, path: string, file: string, release: string) => T | Promise<T>;
  /** Whether `visit` makes no promise of these bytes: they are then not copied for it. Default: it may. */
  readonly isAtOnce?: ((bytes: Uint8Array, path: string) => boolean) | undefined;
  /** Called with how far in the package the bytes have been read. Default: nothing is called. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** Visits in work at a time. */
  readonly jobs: number;
  /** Most bytes of a file that is to be visited. */
  readonly limit: number;
}

/** Where packages keep modules; on a machine the first is a link to the second. */
const MODULES = /^(?:usr\/)?lib\/modules\/([^/]+)(?:\/(.*))?$/;

/**
 * The trees below lib/modules and usr/lib/modules of a package, by release, in one pass and without writing anything.
 * Memory holds the names and what `visit` makes, and no more than `jobs` files' bytes. Throws as `packageMembers`, and
 * `bad-package` for a member that leaves the package or lies below what is not a directory, `too-many-members`,
 * `too-big` for a file that is asked for.
 */
export async function readPackageTrees<T>(
  path: string,
  visitor: TreeVisitor<T>,
  limits = PACKAGE_LIMITS,
): Promise<Map<string, KernelTree<T>>> {
  const trees = new Map<string, KernelTree<T>>();
  const visits = new Visits(visitor);
  let members = 0;
  let entries = 0;
  try {
    for await (const member of packageMembers(path, limits.unpacked, visitor.onBytes)) {
      if (++members > limits.members) throw tooMany(limits.members, 'members', path);
      const name = insidePath(member.path, path);
      const place = MODULES.exec(name);
      if (!place) continue;
      if (++entries > limits.moduleFiles) throw tooMany(limits.moduleFiles, 'members below lib/modules', path);
      const [, release = '', below = ''] = place;
      const tree = trees.get(release) ?? new Map<string, TreeEntry<T>>();
      if (below === '') {
        if (member.kind !== 'directory') continue;
        trees.set(release, tree);
        continue;
      }
      trees.set(release, tree);
      makeParents(tree, below, path, name);
      tree.set(
        below,
        await entryOf(member, name, { release, path: below }, { file: path, trees, visits, wants: visitor.wants }),
      );
    }
    await visits.end();
  } finally {
    await visits.settle();
  }
  return trees;
}

interface Surroundings<T> {
  readonly file: string;
  readonly trees: Map<string, KernelTree<T>>;
  readonly visits: Visits<T>;
  readonly wants: TreeVisitor<T>['wants'];
}

async function entryOf<T>(
  member: Member,
  name: string,
  at: { readonly release: string; readonly path: string },
  { file, trees, visits, wants }: Surroundings<T>,
): Promise<TreeEntry<T>> {
  if (member.kind === 'symlink') return { kind: 'symlink', target: member.target };
  if (member.kind === 'link') {
    const target = insidePath(member.target, file);
    const [, release = '', path = ''] = MODULES.exec(target) ?? [];
    const entry = trees.get(release)?.get(path);
    if (entry?.kind === 'file') return entry;
    throw badPackage(`is another name of ${target}, which is not before it below lib/modules`, file, name);
  }
  if (member.kind !== 'file') return { kind: member.kind };
  const entry = { kind: 'file' as const, file: memberFile(file, name), at, value: undefined };
  if (wants(at.path, at.release)) await visits.begin(member, entry);
  return entry;
}

/**
 * A member's path without what means nothing in it. A slash at its start leads nowhere else, as with tar; `..` is
 * refused, as by tar.
 */
function insidePath(path: string, file: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw badPackage('its path leaves the package', file, path);
  if (path.length >= PATH_MAX || path.includes('\0'))
    throw badPackage(`its path is not one of Linux (${path.length} bytes)`, file, path.slice(0, 100));
  return parts.join('/');
}

function makeParents<T>(tree: KernelTree<T>, below: string, file: string, name: string): void {
  for (let slash = below.indexOf('/'); slash !== -1; slash = below.indexOf('/', slash + 1)) {
    const parent = below.slice(0, slash);
    const kind = tree.get(parent)?.kind;
    if (kind === undefined) tree.set(parent, { kind: 'directory' });
    else if (kind !== 'directory') throw badPackage(`lies below ${parent}, which is not a directory`, file, name);
  }
}

function tooMany(limit: number, what: string, file: string): ModaliasError {
  return new ModaliasError('too-many-members', `more than ${limit} ${what}, far more than any kernel package has`, {
    file,
  });
}

/** The visits that are under way, each with memory for a file's bytes that the next one uses again. */
class Visits<T> {
  readonly #visitor: TreeVisitor<T>;
  readonly #free: { bytes: Uint8Array }[];
  readonly #running = new Set<Promise<void>>();

  constructor(visitor: TreeVisitor<T>) {
    this.#visitor = visitor;
    this.#free = Array.from({ length: Math.max(1, visitor.jobs) }, () => ({ bytes: new Uint8Array(0) }));
  }

  /** Reads a member's bytes and begins its visit; waits while too many are under way. */
  async begin(member: Member, entry: Extract<TreeEntry<T>, { kind: 'file' }>): Promise<void> {
    const { path: below, release } = entry.at;
    if (member.size > this.#visitor.limit) throw tooLarge(member, entry.file);
    const atHand = member.atHand?.();
    if (atHand && this.#visitor.isAtOnce?.(atHand, below)) {
      entry.value = (await this.#visitor.visit(atHand, below, entry.file, release)) as T;
      return;
    }
    while (this.#free.length === 0) await Promise.race(this.#running);
    const memory = this.#free.pop()!;
    const bytes = await readBody(member, atHand, memory);
    const value = this.#visitor.visit(bytes, below, entry.file, release);
    if (!(value instanceof Promise)) {
      entry.value = value;
      this.#free.push(memory);
      return;
    }
    const visit = value.then((made) => {
      entry.value = made;
      this.#free.push(memory);
      this.#running.delete(visit);
    });
    // A failure is reported by the next that waits, or at the end.
    visit.catch(() => {});
    this.#running.add(visit);
  }

  /** Waits for all; throws the error of one that failed. */
  async end(): Promise<void> {
    await Promise.all(this.#running);
  }

  async settle(): Promise<void> {
    await Promise.allSettled(this.#running);
  }
}

function tooLarge({ size }: Member, file: string): ModaliasError {
  return new ModaliasError('too-big', `has ${size} bytes, far more than any kernel module`, { file });
}

/** A copy of a member's bytes in memory that is used again. */
async function readBody(
  member: Member,
  atHand: Uint8Array | undefined,
  memory: { bytes: Uint8Array },
): Promise<Uint8Array> {
  let size = 0;
  for await (const piece of atHand ? [atHand] : member.body) {
    // The archive may claim a size and end before it: memory is for what comes.
    if (size + piece.length > memory.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(Math.min(member.size, (size + piece.length) * 2), 1 << 18));
      larger.set(memory.bytes.subarray(0, size));
      memory.bytes = larger;
    }
    memory.bytes.set(piece, size);
    size += piece.length;
  }
  return memory.bytes.subarray(0, size);
}
