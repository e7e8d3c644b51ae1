/** The commands that are bundled in one file each; `src/program` has an entry point for each, with - for the space. */
export const WHOLE_COMMANDS: readonly string[] = [
  'lookup',
  'vfio',
  // The commands of vfio that scripts call for each device and that change nothing, without what the others need.
  'vfio groups',
  'vfio resolve',
  'build',
  'verify',
  'lint',
  'diff',
];
