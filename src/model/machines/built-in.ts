import type { DeviceDescription, IdRow, MachineDescription } from './description.ts';

/** A PCI function in a group of its own unless `rest` says otherwise; ids as in its modalias. */
function pci(
  name: string,
  ids: readonly [vendor: string, device: string, subvendor: string, subdevice: string, classCode: string],
  rest: Partial<DeviceDescription> = {},
): DeviceDescription {
  const [vendor, device, subvendor, subdevice, code] = ids.map((text) => text.toUpperCase()) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const [bc, sc, i] = [code.slice(0, 2), code.slice(2, 4), code.slice(4)];
  const modalias = `pci:v0000${vendor}d0000${device}sv0000${subvendor}sd0000${subdevice}bc${bc}sc${sc}i${i}`;
  const { attributes, ...other } = rest;
  return {
    path: `pci0000:00/${name}`,
    bus: 'pci',
    ...other,
    attributes: { class: `0x${code.toLowerCase()}`, modalias, ...attributes },
  };
}

const row = (vendor: string, device: string, rest: Partial<IdRow> = {}): IdRow => ({
  vendor: `0x${vendor}`,
  device: `0x${device}`,
  ...rest,
});

const groups = (...ids: readonly string[]) =>
  Object.fromEntries(
    ids.map((id) => [id, { type: 'DMA-FQ', reserved: ['0x00000000fee00000 0x00000000feefffff msi'] }]),
  );

/** vfio-pci is registered, before or after the others: check tries every order. */
const VFIO = { 'vfio-pci': 'vfio_pci' };
/** modprobe loads it after vfio. */
const VFIO_MODULES = { vfio_iommu_type1: {} };

const NIC = ['8086', '10d3', '8086', 'a01f', '020000'] as const;
const NVME = ['144d', 'a808', '144d', 'a801', '010802'] as const;
const VF = ['8086', '10ca', '8086', 'a03c', '020000'] as const;

/** Machines that need no file, for recipes and scripts in documents and tests: what they are, and what is on them. */
export const BUILT_IN_MACHINES: Readonly<
  Record<string, { readonly about: string; readonly machine: MachineDescription }>
> = {
  'two-like-nics': {
    about: 'two e1000e network cards of the same id, 0000:01:00.0 and 0000:02:00.0, each in a group of its own',
    machine: {
      version: 1,
      name: 'two-like-nics',
      release: '6.12',
      drivers: { pci: { pcieport: null, e1000e: 'e1000e', ...VFIO } },
      ids: { pci: { e1000e: [row('8086', '105e'), row('8086', '10d3', { driver_data: '0x3' })] } },
      modules: VFIO_MODULES,
      groups: groups('10', '11'),
      devices: [
        pci('0000:01:00.0', NIC, { driver: 'e1000e', group: '10' }),
        pci('0000:02:00.0', NIC, { driver: 'e1000e', group: '11' }),
      ],
    },
  },
  'gpu-with-audio': {
    about: 'a graphics card 0000:01:00.0 with its audio function 0000:01:00.1 in one group, and audio of the board',
    machine: {
      version: 1,
      name: 'gpu-with-audio',
      release: '6.12',
      drivers: { pci: { pcieport: null, nouveau: 'nouveau', snd_hda_intel: 'snd_hda_intel', ...VFIO } },
      ids: {
        pci: {
          nouveau: [{ vendor: '0x10de', class: '0x030000', class_mask: '0xff0000' }],
          snd_hda_intel: [
            { vendor: '0x10de', class: '0x040300', class_mask: '0xffffff', driver_data: '0xb' },
            row('8086', 'a170', { driver_data: '0x7' }),
          ],
        },
      },
      modules: VFIO_MODULES,
      groups: groups('1', '9'),
      devices: [
        pci('0000:00:1f.3', ['8086', 'a170', '1043', '8698', '040300'], { driver: 'snd_hda_intel', group: '9' }),
        pci('0000:01:00.0', ['10de', '1b80', '1043', '8599', '030000'], { driver: 'nouveau', group: '1' }),
        pci('0000:01:00.1', ['10de', '10f0', '1043', '8599', '040300'], { driver: 'snd_hda_intel', group: '1' }),
      ],
    },
  },
  sriov: {
    about: 'an igb network card 0000:03:00.0 with two virtual functions, 0000:03:10.0 and 0000:03:10.2',
    machine: {
      version: 1,
      name: 'sriov',
      release: '6.12',
      drivers: { pci: { pcieport: null, igb: 'igb', igbvf: 'igbvf', ...VFIO } },
      ids: { pci: { igb: [row('8086', '10c9')], igbvf: [row('8086', '10ca')] } },
      modules: VFIO_MODULES,
      groups: groups('20', '21', '22'),
      devices: [
        pci('0000:03:00.0', ['8086', '10c9', '8086', 'a03c', '020000'], {
          driver: 'igb',
          group: '20',
          attributes: {
            sriov_numvfs: '2',
            sriov_totalvfs: '7',
            sriov_offset: '128',
            sriov_stride: '2',
            sriov_vf_device: '10ca',
            sriov_drivers_autoprobe: '1',
          },
        }),
        pci('0000:03:10.0', VF, { driver: 'igbvf', group: '21' }),
        pci('0000:03:10.2', VF, { driver: 'igbvf', group: '22' }),
      ],
      sysfsLinks: {
        'devices/pci0000:00/0000:03:10.0/physfn': '../0000:03:00.0',
        'devices/pci0000:00/0000:03:10.2/physfn': '../0000:03:00.0',
      },
    },
  },
  'nvme-twins': {
    about: 'two NVMe disks of the same id, 0000:04:00.0 and 0000:05:00.0, of which the second holds the system',
    machine: {
      version: 1,
      name: 'nvme-twins',
      release: '6.12',
      drivers: { pci: { pcieport: null, nvme: 'nvme', ...VFIO } },
      ids: {
        pci: { nvme: [row('144d', 'a808', { driver_data: '0x0' }), { class: '0x010802', class_mask: '0xffffff' }] },
      },
      modules: VFIO_MODULES,
      groups: groups('30', '31'),
      devices: [
        pci('0000:04:00.0', NVME, { driver: 'nvme', group: '30' }),
        pci('0000:05:00.0', NVME, { driver: 'nvme', group: '31' }),
      ],
    },
  },
  'platform-reset': {
    about: 'two like Ethernet controllers of a board, fff50000.ethernet and fff51000.ethernet, on the platform bus',
    machine: {
      version: 1,
      name: 'platform-reset',
      release: '6.12',
      drivers: { platform: { xgmac: 'xgmac' } },
      loadable: { vfio_platform: { drivers: { platform: ['vfio-platform'] }, depends: ['vfio'] } },
      aliases: { 'of:NethernetT(null)Ccalxeda,hb-xgmac': ['xgmac'] },
      groups: groups('40', '41'),
      devices: ['fff50000', 'fff51000'].map((at, i) => ({
        path: `platform/soc/${at}.ethernet`,
        bus: 'platform',
        driver: 'xgmac',
        group: `4${i}`,
        attributes: { modalias: 'of:NethernetT(null)Ccalxeda,hb-xgmac' },
      })),
    },
  },
};
