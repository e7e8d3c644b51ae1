/** The commands that are bundled in one file each; `src/program` has an entry point for each. */
export const WHOLE_COMMANDS: readonly string[] = ['lookup', 'vfio', 'build', 'verify', 'lint', 'diff'];
