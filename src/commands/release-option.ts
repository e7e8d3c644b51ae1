import type { Options } from 'yargs';

/** The option of commands that take packages. */
export const RELEASE_OPTION: Options = {
  type: 'string',
  defaultDescription: 'RELEASE',
  describe: 'Which kernel to take of packages that hold several',
};
