/** What the common errors of the file system mean to a user, and what to do about them. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory; check the path',
  EACCES: 'permission denied; check the modes of the file and its directory, or run as another user',
  EPERM: 'operation not permitted, even for this user',
  EISDIR: 'is a directory; name a file',
  ENOTDIR: 'a part of the path is not a directory',
  EEXIST: 'a file of that name already exists',
  ELOOP: 'too many symbolic links, probably a loop',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many open files; raise the limit (ulimit -n)',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system is mounted read-only',
  ENXIO: 'is a socket, or a device that is not there; name a file',
  EIO: 'the device reports an input/output error',
};

/** The reason of a failed system call in words; the library's own message where the code is not a common one. */
export function systemReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}
