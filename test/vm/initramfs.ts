import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { sh } from './host.ts';
import type { Kernel } from './kernel.ts';

const here = new URL('.', import.meta.url).pathname;
const checkout = join(here, '../..');

/** Copies a program to a place in the guest, and the shared libraries it needs to where the loader looks for them. */
function addProgram(root: string, program: string, at: string): void {
  const put = (from: string, to: string) => {
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(realpathSync(from), to);
  };
  put(program, join(root, at));
  if (program.endsWith('busybox') || program.endsWith('vfio-group')) return;
  for (const [, library] of sh('ldd', [program]).matchAll(/(\/\S+)(?= \(0x)/g))
    if (library && !existsSync(join(root, library))) put(library, join(root, library));
}

/** The guest's first root file system: busybox, kmod, this Node, the agent, the built command line and the modules. */
export function buildInitramfs(kernel: Kernel, work: string): string {
  const root = join(work, 'root');
  rmSync(root, { recursive: true, force: true });
  for (const dir of ['bin', 'sbin', 'proc', 'sys', 'dev', 'modalias']) mkdirSync(join(root, dir), { recursive: true });
  addProgram(root, '/bin/busybox', 'bin/busybox');
  addProgram(root, '/bin/kmod', 'bin/kmod');
  addProgram(root, process.execPath, 'bin/node');
  addProgram(root, kernel.vfioGroup, 'bin/vfio-group');
  for (const name of ['modprobe', 'insmod', 'rmmod', 'depmod', 'lsmod'])
    symlinkSync('/bin/kmod', join(root, 'sbin', name));
  copyFileSync(join(here, 'init.sh'), join(root, 'init'));
  for (const name of ['agent.mjs', 'kill.mjs']) copyFileSync(join(here, name), join(root, name));
  sh('chmod', ['755', join(root, 'init')]);
  addCommandLine(join(root, 'modalias'));
  cpSync(kernel.modules, root, { recursive: true });
  const files = sh('find', ['.'], { cwd: root });
  const image = join(work, 'initramfs.cpio');
  sh('sh', ['-c', `cpio --quiet -o -H newc > '${image}'`], { cwd: root, input: files });
  rmSync(root, { recursive: true });
  return image;
}

/**
 * The built command line with its run-time dependencies but the optional ones: a guest is where their stand-ins are
 * used.
 */
export function addCommandLine(to: string): void {
  cpSync(join(checkout, 'dist'), join(to, 'dist'), { recursive: true, filter: (path) => !path.endsWith('/types') });
  const manifest = readFileSync(join(checkout, 'package.json'), 'utf8');
  writeFileSync(join(to, 'package.json'), manifest);
  const { dependencies = {} } = JSON.parse(manifest);
  for (const name of Object.keys(dependencies)) {
    const from = join(checkout, 'node_modules', name);
    if (existsSync(from)) cpSync(realpathSync(from), join(to, 'node_modules', name), { recursive: true });
  }
}
