import type { Options } from 'yargs';

/** Options that every command has. */
export const COMMON_OPTIONS: Readonly<Record<string, Options>> = {
  help: { type: 'boolean', alias: 'h', describe: 'Show this help' },
};
