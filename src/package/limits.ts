/** Longest path of Linux in bytes, with the NUL at its end. */
export const PATH_MAX = 4096;

/**
 * Most bytes that a package may unpack to, unless the caller says otherwise: several times a kernel with its debugging
 * symbols.
 */
export const DEFAULT_PACKAGE_LIMIT = 16 * 1024 * 1024 * 1024;

/** Most members of a package, and most of them below lib/modules. */
export const MOST_MEMBERS = 1_000_000;
export const MOST_MODULE_FILES = 200_000;
