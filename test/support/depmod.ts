import { spawnSync } from 'node:child_process';
import type { IndexLayout } from '../../src/index-file/index-format.ts';

/** The depmod to compare with: $DEPMOD, or the system's. */
export const depmodProgram = process.env.DEPMOD ?? 'depmod';

const version = spawnSync(depmodProgram, ['--version'], { encoding: 'latin1' });

/** Whether a depmod is here; without apt there may be none, and the tests that need it are skipped. */
export const hasDepmod = version.status === 0;

const number = Number(/kmod version (\d+)/.exec(version.stdout ?? '')?.[1] ?? 0);

/** The layout that this depmod writes, which stands for all that kmod 34 changed. */
export const depmodLayout: IndexLayout = number >= 34 ? 'pre' : 'post';

/** Compressions that this depmod was built with. */
export const depmodCompressions = (['gz', 'xz', 'zst'] as const).filter((extension) =>
  (version.stdout ?? '').includes({ gz: '+ZLIB', xz: '+XZ', zst: '+ZSTD' }[extension]),
);

/** Runs depmod on BASE/lib/modules/RELEASE with only the configuration given; null where it died. */
export function runDepmod(base: string, release: string, config: string): number | null {
  return spawnSync(depmodProgram, ['-C', config, '-b', base, release], { stdio: 'ignore' }).status;
}
