import { execFileSync } from 'node:child_process';

/** Makes a named pipe, which blocks who opens it until somebody opens its other end. */
export function makeNamedPipe(path: string): void {
  execFileSync('mkfifo', [path]);
}
