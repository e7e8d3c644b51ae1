import { needNumber, needObject, needText } from '../arguments.ts';
import { type Release, toRelease } from '../release.ts';
import { deviceId, PCI_ANY_ID } from './device-id.ts';
import { featuresOf } from './features.ts';
import type { Device, Driver, KernelState, PciFacts, ProbeRule } from './state.ts';

/** What is known about a driver by its name, besides its id table. */
type Known = Partial<Omit<Driver, 'bus' | 'name' | 'dynids'>>;

/** vfio_pci_core.c:vfio_pci_core_unregister_device removes the virtual functions of its enable_sriov. */
const variant: Known = {
  managedDma: true,
  vfio: true,
  probe: 'vfio-variant',
  removes: 'vfs',
  sriovConfigure: 'no',
};

/**
 * Drivers whose remove function ends with pci_disable_sriov (seen in 6.1 and 6.12: igb_remove, mlx5's remove_one,
 * ice_free_vfs and so on). Others leave their virtual functions enabled, nvme for one (drivers/pci/iov.c:
 * pci_sriov_configure_simple). mlx4_core does so where a guest uses one, and is left out.
 */
const REMOVE_VFS = [
  'igb',
  'ixgbe',
  'i40e',
  'ice',
  'mlx5_core',
  'bnxt_en',
  'bnx2x',
  'be2net',
  'enic',
  'hinic',
  'nfp',
  'virtio-pci',
];

/** Every driver of 6.12 whose struct pci_driver has `sriov_configure`, besides vfio-pci. */
const CONFIGURE_VFS = [
  ...['420xx', '4xxx', 'LiquidIO', 'be2net', 'bnx2x', 'bnxt_en', 'c3xxx', 'c6xx', 'cxgb4', 'dh895xcc', 'ena', 'fm10k'],
  ...['fsl_enetc', 'funeth', 'genwqe', 'hinic', 'hisi_hpre', 'hisi_sec2', 'hisi_zip', 'hns3', 'i40e', 'ice', 'idpf'],
  ...['igb', 'ionic', 'ixgbe', 'mlx5_core', 'mrvl_cn10k_dpi', 'n5pf', 'nfp', 'nvme', 'octeon_ep', 'octeontx-cpt'],
  ...['pci-endpoint-test', 'pds_core', 'qede', 'qlcnic', 'rvu_cptpf', 'rvu_nicpf', 'sfc', 'sfc_ef100', 'sfc_siena'],
  ...['virtio-pci', 'xe'],
];

/** Drivers of 6.12 without it that are met on physical functions. */
const CONFIGURE_NONE = ['e1000e', 'enic', 'lpfc', 'megaraid_sas', 'mlx4_core', 'mpt3sas', 'qla2xxx'];

/** What the three lists above say about a driver. */
function sriovDriver(name: string): Known {
  return {
    ...(REMOVE_VFS.includes(name) ? { removes: 'vfs' } : {}),
    ...(CONFIGURE_VFS.includes(name) ? { sriovConfigure: 'yes' } : {}),
    ...(CONFIGURE_NONE.includes(name) ? { sriovConfigure: 'no' } : {}),
  };
}

/**
 * Drivers whose behaviour the model knows. `driver_managed_dma` is set by exactly these in 6.12 (and by every variant
 * of vfio-pci); whatever is not listed claims its group's default domain.
 */
const KNOWN: { readonly [bus: string]: { readonly [driver: string]: Known } } = {
  pci: {
    'vfio-pci': {
      module: 'vfio_pci',
      ids: [deviceId(PCI_ANY_ID, PCI_ANY_ID, { override_only: 1 })],
      managedDma: true,
      vfio: true,
      probe: 'vfio-pci',
      removes: 'vfs',
      sriovConfigure: 'yes',
    },
    ...Object.fromEntries(
      [...REMOVE_VFS, ...CONFIGURE_VFS, ...CONFIGURE_NONE].map((name) => [name, sriovDriver(name)]),
    ),
    // drivers/nvme/host/pci.c:nvme_driver; modprobe waits for its probes all the same (module/main.c:do_init_module).
    nvme: { ...sriovDriver('nvme'), async: true },
    // The bus behind it is its own (drivers/pci/controller/vmd.c:vmd_remove).
    vmd: { removes: 'children', sriovConfigure: 'no' },
    mlx5_vfio_pci: variant,
    hisi_acc_vfio_pci: variant,
    pds_vfio_pci: variant,
    virtio_vfio_pci: variant,
    nvgrace_gpu_vfio_pci: variant,
    qat_vfio_pci: variant,
    'xe-vfio-pci': variant,
    ism_vfio_pci: variant,
    'pci-stub': { module: 'pci_stub', ids: null, managedDma: true, probe: 'stub', sriovConfigure: 'no' },
    'pci-pf-stub': {
      module: 'pci_pf_stub',
      ids: [deviceId(0x1d0f, 0x0053)],
      probe: 'stub',
      sriovConfigure: 'yes',
    },
    uio_pci_generic: { module: 'uio_pci_generic', ids: null, sriovConfigure: 'no' },
    pcieport: {
      managedDma: true,
      sriovConfigure: 'no',
      ids: [0x060400, 0x060401, 0x080700].map((value) =>
        deviceId(PCI_ANY_ID, PCI_ANY_ID, { class: value, class_mask: 0xffffffff }),
      ),
    },
  },
  platform: { 'vfio-platform': { managedDma: true, vfio: true, ids: null } },
  amba: { 'vfio-amba': { managedDma: true, vfio: true } },
  'fsl-mc': { 'vfio-fsl-mc': { managedDma: true, vfio: true, ids: null } },
  cdx: { 'vfio-cdx': { managedDma: true, vfio: true } },
};

/** A driver with what is known about it by name; `rest` overrides that. Unknown names: table and probe not known. */
export function makeDriver(bus: string, name: string, rest: Partial<Driver> = {}): Driver {
  needText('bus', bus);
  needText('name', name);
  needObject('rest', rest);
  const nothing: { probe: ProbeRule; ids: 'unknown' } = { probe: null, ids: 'unknown' };
  return {
    bus,
    name,
    module: null,
    ...nothing,
    dynids: [],
    managedDma: false,
    vfio: false,
    suppressBind: false,
    removes: null,
    sriovConfigure: 'unknown',
    ...KNOWN[bus]?.[name],
    ...rest,
  };
}

/** A device that is present, unbound and without an override, unless `rest` says otherwise. */
export function makeDevice(bus: string, name: string, rest: Partial<Device> = {}): Device {
  needText('bus', bus);
  needText('name', name);
  needObject('rest', rest);
  return {
    bus,
    name,
    parent: null,
    plugged: true,
    present: true,
    matchReady: true,
    override: null,
    driver: null,
    group: null,
    pci: null,
    ...rest,
  };
}

/** The facts of a PCI function; what is left out is 0, false or null (virtual functions are probed). */
export function pciFacts(vendor: number, device: number, rest: Partial<PciFacts> = {}): PciFacts {
  needNumber('vendor', vendor);
  needNumber('device', device);
  needObject('rest', rest);
  return {
    vendor,
    device,
    subvendor: 0,
    subdevice: 0,
    class: 0,
    bridge: false,
    numVfs: 0,
    physfn: null,
    vfsAutoprobe: true,
    sriov: null,
    ...rest,
  };
}

/** A kernel of a release, with its features, and nothing in it but what `rest` gives. */
export function makeKernel(of: string | Release, rest: Partial<KernelState> = {}): KernelState {
  needObject('rest', rest);
  const release = toRelease(of);
  return {
    release,
    features: featuresOf(release),
    buses: [],
    modules: [],
    drivers: [],
    devices: [],
    groups: [],
    evidence: [],
    noiommu: false,
    disableDenylist: false,
    enableSriov: false,
    waiting: [],
    ...rest,
  };
}
