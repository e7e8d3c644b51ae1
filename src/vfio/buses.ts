/** How a bus's devices come to a VFIO driver. */
export interface VfioBus {
  /**
   * `alias`: the driver is looked up in modules.alias under `vfio_` + modalias. `fact`: no override aliases exist for this bus;
   * its one VFIO driver is written down here.
   */
  readonly by: 'alias' | 'fact';
  readonly module?: string;
  readonly driver?: string;
  /** Whether its devices have a `driver_override` that lets a driver in (or, on css, keeps the others out). */
  readonly override: boolean;
  /** Where the kernel says so, `file:function` or `file:struct`. */
  readonly source: string;
  /** Why a plan cannot be made for it, and what to do instead. */
  readonly refusal?: string;
}

/** Every bus that VFIO has a driver for. */
export const vfioBuses: Readonly<Record<string, VfioBus>> = {
  pci: { by: 'alias', override: true, source: 'pci-driver.c:pci_match_device' },
  cdx: { by: 'alias', override: true, source: 'cdx.c:cdx_bus_match' },
  platform: {
    by: 'fact',
    module: 'vfio_platform',
    driver: 'vfio-platform',
    override: true,
    source: 'vfio_platform.c:vfio_platform_driver',
  },
  amba: {
    by: 'fact',
    module: 'vfio_amba',
    driver: 'vfio-amba',
    override: true,
    source: 'vfio_amba.c:vfio_amba_driver',
  },
  'fsl-mc': {
    by: 'fact',
    module: 'vfio_fsl_mc',
    driver: 'vfio-fsl-mc',
    override: true,
    source: 'vfio_fsl_mc.c:vfio_fsl_mc_driver',
  },
  css: {
    by: 'fact',
    module: 'vfio_ccw',
    driver: 'vfio_ccw',
    override: true,
    source: 'vfio_ccw_drv.c:vfio_ccw_sch_driver',
  },
  ap: {
    by: 'fact',
    module: 'vfio_ap',
    driver: 'vfio_ap',
    override: false,
    source: 'vfio_ap_drv.c:vfio_ap_drv',
    refusal:
      'AP queues are given to vfio_ap by taking them out of the host\'s masks, not by driver_override: write "-0xADAPTER" to /sys/bus/ap/apmask and "-0xDOMAIN" to /sys/bus/ap/aqmask',
  },
};

/** The bus that a modalias string speaks of: the text before its first colon, `of:` and `acpi:` being platform devices. */
export function busOfModalias(modalias: string): string {
  const type = modalias.slice(0, Math.max(0, modalias.indexOf(':')));
  return type === 'of' || type === 'acpi' ? 'platform' : type;
}

/** Whether a word looks like a modalias of a bus that VFIO knows, and not like a PCI address or a path. */
export function isModalias(word: string): boolean {
  return /^[a-z][a-z-]*:/.test(word) && Object.hasOwn(vfioBuses, busOfModalias(word));
}
