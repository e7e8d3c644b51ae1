import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { BUILT } from './build.ts';
import { type Check, mustCli } from './check.ts';

/**
 * The same command gives the same bytes: again, with one worker and four, in another locale, on a copy written in
 * another order.
 */
export const sameBytes: Check = {
  name: 'same-bytes',
  async run(kernel, work) {
    const copy = path.join(work, 'copy', kernel.release);
    copyBackwards(kernel.indexed, copy);
    const out = path.join(work, 'out');
    const commands: readonly (readonly [
      string,
      (tree: string, more: readonly string[], env: NodeJS.ProcessEnv) => string,
    ])[] = [
      [
        'build',
        (tree, more, env) => {
          mustCli(['build', tree, '-o', out, '--depmod-config', 'none', ...more], { env });
          return digest(...BUILT.map((file) => readFileSync(path.join(out, file))));
        },
      ],
      ['extract', (tree, more, env) => digest(mustCli(['extract', tree, ...more], { env }))],
      ['verify', (tree, more, env) => digest(mustCli(['verify', '--json', tree, ...more], { env }))],
    ];
    const locale = { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8', TZ: 'Asia/Kathmandu' };
    const ways: readonly (readonly [string, string, readonly string[], NodeJS.ProcessEnv])[] = [
      ['again', kernel.indexed, ['--workers', '1'], {}],
      ['with 4 workers', kernel.indexed, ['--workers', '4'], {}],
      ['in a Turkish locale', kernel.indexed, ['--workers', '1'], locale],
      ['on a copied tree', copy, ['--workers', '1'], {}],
    ];
    const failures = commands.flatMap(([command, take]) => {
      const first = take(kernel.indexed, ['--workers', '1'], {});
      if (take(copy, ['--workers', '4'], locale) === first) return [];
      const guilty = ways.filter(([, tree, more, env]) => take(tree, more, env) !== first).map(([way]) => way);
      return [`${command} gives other bytes ${guilty.join(', ') || 'with all of it at once'}`];
    });
    const names = commands.map(([command]) => command).join(', ');
    return { failures, figure: `${names}: with 1 and 4 workers, in another locale and time zone, on a copied tree` };
  },
};

/** The same files as hard links, entered into their directories from last to first. */
function copyBackwards(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true }).reverse()) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) copyBackwards(source, target);
    else if (entry.isFile()) linkSync(source, target);
  }
}

function digest(...parts: Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
