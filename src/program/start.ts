/**
 * The program's first file, in CommonJS: it loads only what the command needs. The commands that scripts call once for
 * each device and those that read whole kernels are one file each in CommonJS too, which Node loads some 30 ms sooner
 * than modules in many; every other command is in cli.js.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { WHOLE_COMMANDS } from './whole-commands.ts';

/** Commands that run for about a second, over code that is not called often enough to repay much optimisation. */
const READS_KERNELS: ReadonlySet<string> = new Set(['build', 'verify', 'lint', 'diff']);

useCompileCache();
const command = process.argv[2] ?? '';
if (READS_KERNELS.has(command)) inlineLess();
const whole = [`${command} ${process.argv[3]}`, command].find((name) => WHOLE_COMMANDS.includes(name));
if (whole === undefined) void import('./cli.js' as string);
else nodeModule.createRequire(import.meta.url)(`./cli-${whole.replace(' ', '-')}.cjs`);

/**
 * Keeps V8's optimising compiler from inlining as much as it does for programs that run long: of a second of reading a
 * kernel it took half of a processor, and with less inlining everything is ready sooner.
 */
function inlineLess(): void {
  process.getBuiltinModule('node:v8').setFlagsFromString('--max-inlined-bytecode-size-cumulative=200');
}

/** Enables V8's compile cache (Node 22 and newer), if there is a directory for it that only this user can write to. */
function useCompileCache(): void {
  const { enableCompileCache } = nodeModule as { enableCompileCache?: (folder: string) => unknown };
  const folder = enableCompileCache && cacheFolder();
  if (folder !== undefined) enableCompileCache?.(folder);
}

/**
 * `modalias/compiled` in XDG_CACHE_HOME or ~/.cache. Undefined unless the cache directory exists and both belong to the
 * user who runs this: its content is executed, and sudo may leave HOME set to another user's.
 */
function cacheFolder(): string | undefined {
  const { XDG_CACHE_HOME = '', HOME = '' } = process.env;
  const caches = XDG_CACHE_HOME.startsWith('/') ? XDG_CACHE_HOME : `${HOME}/.cache`;
  try {
    if (!caches.startsWith('/') || !isOwn(caches)) return undefined;
    const folder = `${caches}/modalias/compiled`;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return isOwn(`${caches}/modalias`) && isOwn(folder) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a path is a directory (not a link to one) that is owned by this user and that nobody else can write to. */
function isOwn(path: string): boolean {
  const found = lstatSync(path);
  return found.isDirectory() && found.uid === process.geteuid?.() && (found.mode & 0o022) === 0;
}
