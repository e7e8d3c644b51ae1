import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from '../debian/apt.ts';
import { mustRun, run } from '../debian/run.ts';

/** Compiles the program that asks libkmod, into `folder`; installs libkmod-dev and gcc where they are not there. */
export function libkmodProgram(folder: string): string {
  const program = path.join(folder, 'libkmod-lookup');
  if (existsSync(program)) return program;
  const source = fileURLToPath(new URL('lookup.c', import.meta.url));
  const compile = () => run('gcc', ['-O2', '-o', program, source, '-lkmod']);
  if (compile().status === 0) return program;
  installPackages(['gcc', 'libc6-dev', 'libkmod-dev'], 'libkmod cannot be compiled against');
  mustRun('gcc', ['-O2', '-o', program, source, '-lkmod']);
  return program;
}

/** libkmod's answers: for each key the modules in its order, with its repeats. */
export function libkmodLookup(program: string, modulesDirectory: string, keys: readonly string[]): string[][] {
  const lines = mustRun(program, [modulesDirectory], { input: `${keys.join('\n')}\n` }).split('\n');
  return lines.slice(0, keys.length).map((line) => line.split(' ').filter(Boolean));
}
