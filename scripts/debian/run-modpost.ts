import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Modpost } from './modpost.ts';

const execute = promisify(execFile);

/** What modpost makes of one object: its aliases in its order, or why there are none. */
export type ModpostAnswer = { readonly aliases: readonly string[] } | { readonly error: string };

/**
 * Runs modpost once over relocatable objects of distinct modules and reads the MODULE_ALIAS lines of each `.mod.c`.
 * One object that stops modpost takes the others' answers with it: they are run again, one by one.
 */
export async function runModpost(modpost: Modpost, objects: readonly Uint8Array[]): Promise<ModpostAnswer[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'modpost-'));
  try {
    const names = objects.map((_, i) => `m${i}`);
    for (const [i, name] of names.entries()) {
      writeFileSync(path.join(folder, `${name}.o`), objects[i]!);
      writeFileSync(path.join(folder, `${name}.mod`), `${name}.o\n`);
      // modpost looks for the sources of a module that has a srcversion
      writeFileSync(path.join(folder, `.${name}.o.cmd`), `source_${name}.o := x.c\ndeps_${name}.o := \\\n\n`);
    }
    writeFileSync(path.join(folder, 'x.c'), '\n');
    writeFileSync(path.join(folder, 'modules.order'), names.map((n) => `${n}.o\n`).join(''));
    const [program, ...start] = modpost;
    const args = [...start, '-N', '-n', '-w', '-o', 'Module.symvers', '-T', 'modules.order'];
    const stderr = await execute(program!, args, { cwd: folder, encoding: 'latin1', maxBuffer: 1 << 28 }).then(
      (r) => r.stderr,
      (error: { stderr?: string; message: string }) => error.stderr || error.message,
    );
    const answers = names.map((name) => readAnswer(path.join(folder, `${name}.mod.c`)));
    if (objects.length === 1 && !answers[0]) return [{ error: firstFault(stderr) }];
    return await inOrder(answers, async (answer, i) => answer ?? (await runModpost(modpost, [objects[i]!]))[0]!);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readAnswer(file: string): ModpostAnswer | undefined {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'latin1');
  return { aliases: text.split('\n').flatMap((line) => /^MODULE_ALIAS\("(.*)"\);$/s.exec(line)?.[1] ?? []) };
}

function firstFault(stderr: string): string {
  const lines = stderr.trim().split('\n');
  return (lines.find((l) => /FATAL|ERROR/.test(l)) ?? lines.at(-1) ?? '').trim();
}

async function inOrder<A, B>(items: readonly A[], make: (item: A, i: number) => Promise<B>): Promise<B[]> {
  const made: B[] = [];
  for (const [i, item] of items.entries()) made.push(await make(item, i));
  return made;
}
