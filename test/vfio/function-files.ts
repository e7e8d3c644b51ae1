import fs from 'node:fs';
import path from 'node:path';
import type { Device, PciFacts } from '../../src/driver-core/index.ts';
import type { FakeRoot } from '../fake-root.ts';

const pciDevice = (root: FakeRoot, name: string) => path.join(root.sysfs, 'bus/pci/devices', name);

function link(file: string, target: string): void {
  fs.symlinkSync(path.relative(path.dirname(file), target), file);
}

/** Makes the files of a new virtual function, as drivers/pci/iov.c:pci_iov_add_virtfn and the IOMMU core do. */
export function addFunction(root: FakeRoot, device: Device): void {
  const physfn = fs.realpathSync(pciDevice(root, device.pci!.physfn!));
  const at = path.join(path.dirname(physfn), device.name);
  fs.mkdirSync(at);
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');
  const { vendor, device: id, subvendor, subdevice, class: code } = device.pci as PciFacts;
  const kind = hex(code, 6).replace(/(..)(..)(..)/, 'bc$1sc$2i$3');
  const modalias = `pci:v${hex(vendor, 8)}d${hex(id, 8)}sv${hex(subvendor, 8)}sd${hex(subdevice, 8)}${kind}`;
  for (const [name, text] of Object.entries({ modalias, class: `0x${hex(code, 6)}`, driver_override: '(null)' }))
    fs.writeFileSync(path.join(at, name), `${text}\n`);
  link(path.join(at, 'subsystem'), path.join(root.sysfs, 'bus/pci'));
  link(path.join(at, 'physfn'), physfn);
  link(pciDevice(root, device.name), at);
  const used = fs.readdirSync(physfn).filter((name) => /^virtfn\d+$/.test(name));
  link(path.join(physfn, `virtfn${used.length}`), at);
  if (device.group === null) return;
  const group = path.join(root.sysfs, 'kernel/iommu_groups', device.group);
  fs.mkdirSync(path.join(group, 'devices'), { recursive: true });
  fs.writeFileSync(path.join(group, 'type'), 'DMA-FQ\n');
  link(path.join(group, 'devices', device.name), at);
  link(path.join(at, 'iommu_group'), group);
}

/** Removes them, with the group where it was the last there. */
export function removeFunction(root: FakeRoot, { name, pci, group }: Device): void {
  const physfn = fs.realpathSync(pciDevice(root, pci!.physfn!));
  const at = path.join(path.dirname(physfn), name);
  for (const file of fs.readdirSync(physfn))
    if (/^virtfn\d+$/.test(file) && fs.readlinkSync(path.join(physfn, file)).endsWith(`/${name}`))
      fs.rmSync(path.join(physfn, file));
  fs.rmSync(pciDevice(root, name));
  fs.rmSync(at, { recursive: true });
  if (group === null) return;
  const members = path.join(root.sysfs, 'kernel/iommu_groups', group, 'devices');
  fs.rmSync(path.join(members, name));
  if (fs.readdirSync(members).length === 0) fs.rmSync(path.dirname(members), { recursive: true });
}

/** Writes what a physical function's sriov_ files show. */
export function showFunctions(root: FakeRoot, { name, pci }: Device): void {
  const show = (file: string, value: number) => fs.writeFileSync(path.join(pciDevice(root, name), file), `${value}\n`);
  show('sriov_numvfs', pci!.numVfs);
  show('sriov_drivers_autoprobe', pci!.vfsAutoprobe ? 1 : 0);
}
