import fs from 'node:fs';

/**
 * Makes the state directory if it is missing; what it lies in must be there. (Node's recursive mkdir does not end where the system
 * answers ENOENT for a directory that is there, as /proc does.)
 */
export function makeStateDirectory(directory: string): void {
  try {
    fs.mkdirSync(directory, { mode: 0o755 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
