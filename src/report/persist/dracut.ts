import { earlyOverride, modulesOf } from './early-override.ts';
import type { Format } from './formats.ts';

const MODULE = '/usr/lib/dracut/modules.d/90vfio-override';
const REBUILD = 'dracut --force --regenerate-all';

/**
 * A module of dracut, which looks for them nowhere else: its pre-udev hook runs before udevd starts
 * (dracut-pre-udev.service). Hooks are sourced, so the lines are in a subshell. instmods ignores what a host-only image
 * would leave out.
 */
export const dracut: Format = (devices) => {
  const modules = modulesOf(devices);
  return [
    '# stage: initramfs, before udev and so before any native module',
    '# run this with sh as root; it writes a module of dracut and rebuilds every initramfs',
    `# undo: rm -r ${MODULE}; ${REBUILD}`,
    'set -e',
    `mkdir -p ${MODULE}`,
    `cat > ${MODULE}/module-setup.sh << 'EOF'`,
    '#!/bin/bash',
    'check() { return 0; }',
    'depends() { return 0; }',
    ...(modules.length === 0 ? [] : [`installkernel() { hostonly='' instmods ${modules.join(' ')}; }`]),
    'install() { inst_multiple cat modprobe; inst_hook pre-udev 00 "$moddir/vfio-override.sh"; }',
    'EOF',
    `cat > ${MODULE}/vfio-override.sh << 'EOF'`,
    '#!/bin/sh',
    '(',
    ...earlyOverride(devices),
    ')',
    'EOF',
    `chmod 755 ${MODULE}/module-setup.sh ${MODULE}/vfio-override.sh`,
    REBUILD,
  ];
};
