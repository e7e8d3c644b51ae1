import type { ModprobeConfig } from '../config/modprobe-config.ts';

/** What an index can tell of modules besides their aliases. */
export interface ModuleFacts {
  readonly config?: ModprobeConfig | undefined;
  /** The file of a loadable module, relative to the modules directory. */
  readonly file?: (module: string) => string | undefined;
}
