/** Whether the working directory was deleted, so that paths must begin with `/`. */
export const workingDirectoryIsGone = isGone();

// What is loaded may ask for the working directory, and path.resolve does for relative paths: below this one nothing is
// found, as in the deleted one.
if (workingDirectoryIsGone) process.cwd = () => '/proc/self/cwd';

function isGone(): boolean {
  try {
    process.cwd();
    return false;
  } catch {
    return true;
  }
}
