import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { mustRun } from '../debian/run.ts';
import { type Check, mustCli } from './check.ts';

/** Files that `build` writes. */
export const BUILT = ['modules.alias', 'modules.alias.bin', 'modules.builtin.alias.bin'];

/** `build` writes what this machine's depmod wrote, byte for byte. */
export const build: Check = {
  name: 'build',
  async run(kernel, work) {
    mustCli(['build', kernel.packaged, '-o', work, '--depmod-config', 'none', '--index-layout', indexLayout()]);
    const failures = BUILT.flatMap((file) => {
      const [ours, theirs] = [path.join(work, file), path.join(kernel.golden, file)].map((f) =>
        existsSync(f) ? readFileSync(f) : undefined,
      );
      if (!ours || !theirs)
        return ours === theirs ? [] : [`${file}: ${ours ? 'depmod does not write it' : 'not written'}`];
      const at = ours.findIndex((byte, i) => byte !== theirs[i]);
      if (at === -1 && ours.length === theirs.length) return [];
      return [
        `${file}: ${ours.length} bytes, depmod's has ${theirs.length}; they differ from byte ${at === -1 ? ours.length : at} on`,
      ];
    });
    return { failures, figure: `${BUILT.join(', ')} identical to depmod's` };
  },
};

/** depmod lays its indexes out in pre-order from kmod 34 on. */
export function indexLayout(): 'pre' | 'post' {
  const version = Number(/version (\d+)/.exec(mustRun('depmod', ['--version']))?.[1]);
  return version >= 34 ? 'pre' : 'post';
}
