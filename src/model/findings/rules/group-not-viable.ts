import { findDriver, groupViability } from '../../../driver-core/index.ts';
import { type FindingRule, shellExample } from '../finding-rule.ts';
import { type BindingWrite, bindingWrites } from '../writes.ts';

const loop = (devices: string) => [
  'modprobe vfio-pci',
  `for dev in ${devices}; do`,
  '  echo vfio-pci > /sys/bus/pci/devices/$dev/driver_override',
  '  echo $dev > /sys/bus/pci/devices/$dev/driver/unbind',
  '  echo $dev > /sys/bus/pci/drivers/vfio-pci/bind',
  'done',
];

export const groupNotViable: FindingRule = {
  severity: 'warning',
  what: 'a device goes to a VFIO driver while another one of its IOMMU group keeps a driver of the host',
  why: 'A group belongs to user space as a whole: while one of its members has a driver that uses the DMA API, VFIO_GROUP_SET_CONTAINER fails with EPERM (drivers/iommu/iommu.c:iommu_group_claim_dma_owner), and no guest starts.',
  fix: 'Move every function of /sys/kernel/iommu_groups/N/devices that is not a bridge.',
  fires: shellExample(loop('0000:01:00.0'), 'gpu-with-audio'),
  silent: shellExample(loop('0000:01:00.0 0000:01:00.1'), 'gpu-with-audio'),
  *find(run) {
    if (run.status === null) return;
    const devices = new Map(run.end.devices.map((one) => [`${one.bus} ${one.name}`, one]));
    // The last write about each group that is to be given away.
    const given = new Map<string, BindingWrite>();
    for (const write of bindingWrites(run)) {
      const now = devices.get(`${write.bus} ${write.device}`);
      if (!now || now.group === null || typeof now.driver !== 'string') continue;
      if (findDriver(run.end, write.bus, now.driver)?.vfio) given.set(now.group, write);
    }
    for (const { id } of run.end.groups) {
      const member = given.get(id);
      if (!member) continue;
      const { viable, blockers } = groupViability(run.end, id);
      if (viable === 'no')
        yield {
          place: member.act.place,
          message: `group ${id} cannot be given to user space: ${blockers.map((one) => `${one.device} is on ${one.driver}`).join(', ')}`,
        };
    }
  },
};
