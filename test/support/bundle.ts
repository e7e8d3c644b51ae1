import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * A TypeScript program of the tests as one file of JavaScript, for tests that start it again and again: tsx takes ten
 * times as long to start it.
 */
export async function bundled(program: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'modalias-bundle-'));
  const outfile = join(folder, 'program.mjs');
  await build({ entryPoints: [program], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20.19' });
  return outfile;
}
