/** What a module's file name may end in; kmod shared/util.c:path_ends_with_kmod_ext. */
export const MODULE_SUFFIXES = ['.ko', '.ko.gz', '.ko.xz', '.ko.zst'] as const;

/** Whether a path is named like a module. */
export function isModulePath(path: string): boolean {
  return MODULE_SUFFIXES.some((suffix) => path.endsWith(suffix));
}

/**
 * A module's name by its file: the base name up to the first dot, every dash an underscore
 * (kmod shared/util.c:path_to_modname, modname_normalize).
 */
export function moduleName(path: string): string {
  const base = path.slice(path.lastIndexOf('/') + 1);
  const dot = base.indexOf('.');
  return (dot === -1 ? base : base.slice(0, dot)).replaceAll('-', '_');
}
