import { earlyOverride, modulesOf } from './early-override.ts';
import type { Format } from './formats.ts';

const HOOK = '/etc/initramfs-tools/hooks/vfio';
const SCRIPT = '/etc/initramfs-tools/scripts/init-top/00-vfio';
const REBUILD = 'update-initramfs -u -k all';

/** What initramfs-tools(7) asks of every script: the names of those that must run before it. */
const PREREQ = ['#!/bin/sh', 'PREREQ=""', 'case "$1" in prereqs) echo "$PREREQ"; exit 0 ;; esac'];

/**
 * Two files: a hook that puts the modules into the image, and a script that runs before init-top/udev starts udevd and
 * triggers the devices. Scripts that need none before them run in the order of their names (hook-functions:
 * get_prereq_pairs, tsort(1)); in any other order the script still takes the device back.
 */
export const initramfsTools: Format = (devices) => [
  '# stage: initramfs, before udev and so before any native module',
  '# run this with sh as root; it writes two files and rebuilds every initramfs',
  `# undo: rm ${HOOK} ${SCRIPT}; ${REBUILD}`,
  'set -e',
  `mkdir -p '${parent(HOOK)}' '${parent(SCRIPT)}'`,
  `cat > ${HOOK} << 'EOF'`,
  ...PREREQ,
  '. /usr/share/initramfs-tools/hook-functions',
  ...modulesOf(devices).map((module) => `manual_add_modules ${module}`),
  'EOF',
  `cat > ${SCRIPT} << 'EOF'`,
  ...PREREQ,
  ...earlyOverride(devices),
  'EOF',
  `chmod 755 ${HOOK} ${SCRIPT}`,
  REBUILD,
];

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
