/** Longest path of Linux in bytes, with the NUL at its end. */
export const PATH_MAX = 4096;

/**
 * Most bytes that a package may unpack to, unless the caller says otherwise: several times a kernel with its debugging
 * symbols.
 */
export const DEFAULT_PACKAGE_LIMIT = 16 * 1024 * 1024 * 1024;

export interface PackageLimits {
  /** Most bytes that it may unpack to. */
  readonly unpacked: number;
  /** Most members, and most of them below lib/modules. */
  readonly members: number;
  readonly moduleFiles: number;
}

export const PACKAGE_LIMITS: PackageLimits = {
  unpacked: DEFAULT_PACKAGE_LIMIT,
  members: 1_000_000,
  moduleFiles: 200_000,
};
