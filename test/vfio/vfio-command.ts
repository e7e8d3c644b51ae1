import fs from 'node:fs';
import path from 'node:path';
import { cli, cliProcess } from '../support/cli.ts';
import type { TestRoot } from './machine-root.ts';

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Aliases as depmod writes them for a kernel with a variant driver. */
const ALIASES = `# Aliases extracted from modules themselves.
alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci
alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci
alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e
`;

/** Commands that change devices: a process of their own holds the lock and has the writing child. */
const CHANGES = ['bind', 'restore'];

/** Runs `modalias vfio` on a fake machine. */
export function vfio(root: TestRoot, ...args: string[]): Outcome {
  const modules = path.join(root.directory, 'modules');
  if (!fs.existsSync(modules)) {
    fs.mkdirSync(modules);
    fs.writeFileSync(path.join(modules, 'modules.alias'), ALIASES);
  }
  const [name = '', ...rest] = args;
  const takesModules = ['resolve', 'plan', 'bind', 'restore'].includes(name);
  const takesState = ['plan', 'bind', 'restore', 'status'].includes(name);
  const run = CHANGES.includes(name) && !rest.includes('--dry-run') ? cliProcess : cli;
  const { status, stdout, stderr } = run([
    'vfio',
    name,
    ...rest,
    '--sysfs',
    root.sysfs,
    '--proc',
    root.proc,
    ...(takesModules ? ['-m', modules] : []),
    ...(takesState && !rest.includes('--state') ? ['--state', path.join(root.directory, 'state')] : []),
  ]);
  const utf8 = (latin1: string) => Buffer.from(latin1, 'latin1').toString();
  return { status, stdout: utf8(stdout), stderr: utf8(stderr) };
}

/** Every file of a directory with what it holds; links are not followed, as `recursive` does from Node 22 on. */
export function snapshot(directory: string): string[] {
  return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) return [`${file}/`, ...snapshot(file)];
    return `${file} ${entry.isSymbolicLink() ? fs.readlinkSync(file) : fs.readFileSync(file, 'utf8')}`;
  });
}
