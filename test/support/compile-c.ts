import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Compiles a C file of this folder with gcc and answers with the program's path; undefined where the compiler or a
 * library is missing.
 */
export function compileC(name: string, libraries: readonly string[] = []): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'modalias-c-'));
  const program = join(folder, name.replace('.c', ''));
  try {
    execFileSync('gcc', ['-O2', join('test/support', name), ...libraries.map((l) => `-l${l}`), '-o', program], {
      stdio: 'ignore',
    });
    return program;
  } catch {
    return undefined;
  }
}
