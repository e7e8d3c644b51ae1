import { ModaliasError } from '../errors.ts';
import { readablePath } from '../files/raw-path.ts';

/** What an archive holds under one path. */
export interface Member {
  /** As the archive has it, a raw path (files/raw-path.ts). */
  readonly path: string;
  /** `link` is another name of an earlier member; `other` what is neither (devices, pipes). */
  readonly kind: 'file' | 'directory' | 'symlink' | 'link' | 'other';
  /** Where a `symlink` leads, or the member that a `link` is another name of; a raw path. */
  readonly target: string;
  /** Bytes of a `file`. */
  readonly size: number;
  /** The bytes of a `file`, once, before the next member is asked for; what is not read is skipped. */
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * The same where they are at hand as a whole, in place of `body`; void once the next member is asked for. Undefined
   * where `body` has to be read.
   */
  readonly atHand?: (() => Uint8Array | undefined) | undefined;
}

/**
 * A package that is damaged, or not what it says; names the package and, where it is known, the member at which that
 * showed.
 */
export function badPackage(problem: string, file: string, member?: string, cause?: unknown): ModaliasError {
  const place = { file: member === undefined ? file : memberFile(file, member) };
  return new ModaliasError('bad-package', `${problem}; the package is truncated or damaged`, place, { cause });
}

/** What a member is called in messages, `x.deb(lib/modules/6.1/x.ko)`, as linkers name the members of archives. */
export function memberFile(file: string, member: string): string {
  return `${file}(${readablePath(member)})`;
}

/** The body of what has none. */
export async function* noBody(): AsyncGenerator<Uint8Array> {}
