import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../src/vfio/plan/machine.ts';
import { removedWith } from '../../../src/vfio/plan/removed.ts';
import type { DeviceDescription } from '../../fake-root.ts';
import { machineOf, pci, planned, warned } from './planned.ts';

const VMD = '0000:00:0e.0';
const DISK = '10000:e1:00.0';
const PORT = `pci0000:00/${VMD}/pci10000:e0/10000:e0:06.0`;
const DISK_PATH = `${PORT}/${DISK}`;

/** A VMD controller with a disk behind it: the IOMMU sees only the controller, so all are one group. */
const vmd = (rest: Partial<Parameters<typeof machineOf>[1]> = {}, more: readonly DeviceDescription[] = []) =>
  machineOf(
    [
      pci(`pci0000:00/${VMD}`, '010400', { driver: 'vmd', group: '5' }),
      pci(PORT, '060400', { driver: 'pcieport', group: '5' }),
      pci(DISK_PATH, '010802', { driver: 'nvme', group: '5' }),
      ...more,
    ],
    rest,
  );

describe('removedWith a VMD controller', () => {
  test('refuses it together with the disk behind it, which would be gone by then', () => {
    const { plan } = planned(vmd(), [VMD, DISK]);
    expect(plan.runnable).toBe(false);
    expect(warned(plan)).toContain(`goes-away: it goes away when vmd lets go of ${VMD}: plan for one of the two`);
    expect(plan.predicted.devices).not.toContainEqual({ name: DISK, driver: 'vfio-pci' });
  });

  test('foretells that the controller alone takes the disk along, and that the group is viable then', () => {
    const { plan } = planned(vmd(), [VMD]);
    expect(warned(plan)).toEqual([`(note) goes-away: ${DISK} (nvme) goes away when vmd lets go of it`]);
    expect(plan.predicted.devices).toEqual([{ name: VMD, driver: 'vfio-pci' }]);
    expect(plan.predicted.groups).toEqual([{ id: '5', viable: 'yes', blockers: [] }]);
  });

  test('finds the root disk behind it', () => {
    const block = `${DISK_PATH}/nvme/nvme0/nvme0n1`;
    const mounted = vmd(
      {
        sysfsLinks: { 'dev/block/259:0': `../../devices/${block}` },
        proc: { '1/mountinfo': '22 1 259:0 / / rw - ext4 /dev/nvme0n1 rw\n' },
      },
      [{ path: block, bus: 'class/block', attributes: { dev: '259:0' } }],
    );
    const { plan } = planned(mounted, [VMD]);
    expect(plan.runnable).toBe(false);
    expect(warned(plan)[0]).toBe(`mounted: nvme0n1 is mounted on /, on ${DISK}, which goes away with it`);
  });

  test('advises the controller to who plans for the disk', () => {
    const { plan } = planned(vmd(), [DISK]);
    expect(warned(plan)).toEqual([
      `(note) not-viable: it will not open for a guest: ${VMD} is bound to vmd; ${VMD} is the controller that the device is behind: pass that, and what is behind it comes along`,
    ]);
  });

  test('is nothing for a bridge, nor for a device without a driver', () => {
    const bridge = 'pci0000:00/0000:00:1c.0';
    const behind = machineOf([
      pci(bridge, '060400', { driver: 'pcieport', group: '1' }),
      pci(`${bridge}/0000:01:00.0`, '020000', { driver: 'e1000e', group: '1' }),
    ]);
    expect(warned(planned(behind, ['0000:00:1c.0']).plan).filter((text) => text.includes('goes-away'))).toEqual([]);
    const { devices, ...rest } = vmd();
    const free = devices.map(
      ({ driver, ...device }) => (driver === 'vmd' ? device : { ...device, driver }) as DeviceDescription,
    );
    expect(
      warned(planned({ ...rest, devices: free }, [VMD]).plan).filter((text) => text.includes('goes-away')),
    ).toEqual([]);
  });
});

const PF = '0000:81:00.0';
const [VF1, VF2] = ['0000:81:10.0', '0000:81:10.2'];
const PF_PATH = `pci0000:80/0000:80:01.0/${PF}`;

/** A physical function with two virtual ones in groups of their own, each with a driver. */
const sriov = (driver: string, vfDriver: string, procLinks: Readonly<Record<string, string>> = {}) => {
  const vf = (name: string) => `pci0000:80/0000:80:01.0/${name}`;
  return machineOf(
    [
      pci(PF_PATH, '020000', { driver, group: '1', attributes: { sriov_numvfs: '2', sriov_drivers_autoprobe: '1' } }),
      pci(vf(VF1), '020000', { driver: vfDriver, group: '2' }),
      pci(vf(VF2), '020000', { driver: vfDriver, group: '3' }),
    ],
    {
      procLinks,
      sysfsLinks: Object.fromEntries(
        [VF1, VF2].flatMap((name, index) => [
          [`devices/${PF_PATH}/virtfn${index}`, `../${name}`],
          [`devices/${vf(name)}/physfn`, `../${PF}`],
        ]),
      ),
    },
  );
};

describe('removedWith a physical function', () => {
  test.each(['igb', 'ixgbe', 'mlx5_core', 'ice', 'virtio-pci'])(
    'foretells that %s removes its virtual functions, so that vfio-pci takes it',
    (driver) => {
      const { plan } = planned(sriov(driver, 'igbvf'), [PF]);
      expect(plan.predicted.devices).toEqual([{ name: PF, driver: 'vfio-pci' }]);
      expect(plan.runnable).toBe(true);
      expect(warned(plan)).toEqual([
        `(note) goes-away: ${VF1} (igbvf), ${VF2} (igbvf) go away when ${driver} lets go of it`,
        `(note) vfs-enabled: ${driver} removes its 2 virtual functions; restore does not make them again`,
      ]);
    },
  );

  test.each(['nvme', 'some'])('foretells that vfio-pci refuses one whose driver leaves them enabled: %s', (driver) => {
    const { plan } = planned(sriov(driver, 'nvme'), [PF]);
    expect(plan.runnable).toBe(false);
    expect(warned(plan)).toEqual([
      expect.stringMatching(/^refused: .*\/bind will end with EBUSY: 2 virtual functions are enabled/),
      expect.stringMatching(/^\(note\) vfs-enabled: .*write 0 to its sriov_numvfs first/),
    ]);
  });

  test('names the guest that has one of them, whose unbind would wait', () => {
    const { plan } = planned(sriov('igb', 'vfio-pci', { '77/fd/3': '/dev/vfio/2' }), [PF]);
    expect(plan.runnable).toBe(false);
    expect(warned(plan)).toContain(`held: process 77 has /dev/vfio/2 open, on ${VF1}, which goes away with it`);
  });

  test('refuses it together with one of them', () => {
    const { plan } = planned(sriov('igb', 'igbvf'), [PF, VF1]);
    expect(warned(plan)).toContain(`goes-away: it goes away when igb lets go of ${PF}: plan for one of the two`);
  });
});

test('removedWith takes what is below the device, on PCI, and the functions of its name', () => {
  const device = (name: string, path: string, rest: object = {}) => ({
    ...{ name, path, bus: 'pci', driver: null, bridge: false, sriov: null },
    ...rest,
  });
  const sriov = (physfn: string) => ({ sriov: { physfn } });
  const soc = device('soc', 'soc', { bus: 'platform', driver: 'some' });
  const devices = [
    ...[device('first', 'first', { driver: 'igb' }), device('nic', 'nic', { driver: 'igb' }), soc],
    ...[device('vf', 'vf', sriov('nic')), device('of-first', 'of-first', sriov('first')), device('below', 'soc/below')],
  ];
  const gone = (path: string) => removedWith({ devices } as unknown as Machine, path).map(({ name }) => name);
  expect([gone('nic'), gone('first'), gone('soc'), gone('none')]).toEqual([['vf'], ['of-first'], [], []]);
});
