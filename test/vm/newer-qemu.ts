import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openArchive, unpackWithDependencies } from '../../scripts/debian/apt.ts';
import { keptFolder } from '../../scripts/debian/cache.ts';
import { CannotRun, run } from '../../scripts/debian/run.ts';

const PROGRAM = 'qemu-system-x86_64';

/**
 * The program, with its arguments, of a QEMU that has a device: the system's, or the one of Debian's backports,
 * unpacked in the cache. A sentence that says why where there is none.
 */
export function qemuWith(device: string): readonly string[] | string {
  // For a device that is not there, `-device NAME,help` ends with 0 too.
  const has = (qemu: readonly string[]) =>
    run(qemu[0]!, [...qemu.slice(1), '-device', `${device},help`]).stdout.startsWith(`${device} options:`);
  if (has([PROGRAM])) return [PROGRAM];
  try {
    const folder = fromBackports();
    if (folder === undefined) return "Debian's backports have no QEMU that can be fetched";
    const libraries = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'].map((at) => join(folder, at));
    // Otherwise it would take the modules of the system's.
    const places = [`LD_LIBRARY_PATH=${libraries.join(':')}`, `QEMU_MODULE_DIR=${libraries[0]}/qemu`];
    const qemu = ['env', ...places, join(folder, 'usr/bin', PROGRAM)];
    return has(qemu) ? qemu : `the QEMU of Debian's backports has no ${device}, or does not start`;
  } catch (error) {
    if (error instanceof CannotRun) return error.message;
    throw error;
  }
}

function fromBackports(): string | undefined {
  const os = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const codename = /^VERSION_CODENAME=(.*)$/m.exec(os)?.[1];
  if (!/^ID=debian$/m.test(os) || codename === undefined) return undefined;
  const suite = `${codename}-backports`;
  // Programs for other processors come along where the system has older ones.
  const needed = (deb: string) => !deb.startsWith('qemu-user') && !deb.startsWith('qemu-block');
  return keptFolder(['qemu', suite], (empty) =>
    [false, true].some((fresh) =>
      unpackWithDependencies(openArchive(suite, 'amd64', fresh), ['qemu-system-x86'], empty, needed),
    ),
  );
}
