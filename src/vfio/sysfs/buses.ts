/** How a bus's devices come to a VFIO driver. */
export interface VfioBus {
  /**
   * `alias`: the driver is looked up in modules.alias under `vfio_` + modalias. `fact`: no override aliases exist for
   * this bus; its only VFIO driver is listed here.
   */
  readonly by: 'alias' | 'fact';
  readonly module?: string;
  readonly driver?: string;
  /** Whether its devices have a `driver_override` that admits a driver (or, on css, excludes the others). */
  readonly override: boolean;
  /** The source in the kernel, `file:function` or `file:struct`. */
  readonly source: string;
  /**
   * Why the driver does not accept a device of the bus; null if it does. The name is null if only a modalias is known.
   */
  readonly excludes?: (modalias: string | null, name: string | null) => string | null;
  /** The built-in driver of its devices without VFIO, if no module's alias names one. */
  readonly native?: string;
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
    // drivers/s390/cio/device.c:io_subchannel_driver
    native: 'io_subchannel',
    // vfio_ccw_drv.c:vfio_ccw_sch_ids
    excludes: (modalias) =>
      /^css:t(?!0$)/.test(modalias ?? '') ? 'vfio_ccw accepts I/O subchannels (css:t0) only' : null,
  },
  ap: {
    by: 'fact',
    module: 'vfio_ap',
    driver: 'vfio_ap',
    override: false,
    source: 'vfio_ap_drv.c:vfio_ap_drv',
    // vfio_ap_drv.c:ap_queue_ids; CEX4 is type 10
    excludes: (modalias, name) => {
      if (name?.startsWith('card')) return 'vfio_ap accepts queues, such as 03.0005, not cards';
      return /^ap:t0[0-9]$/.test(modalias ?? '')
        ? 'vfio_ap accepts queues of CEX4 cards (ap:t0A) and later ones'
        : null;
    },
    // ap_bus.c:ap_device_probe: a queue belongs to the host while its bits are set in both masks.
    refusal:
      'vfio_ap gets AP queues when they are removed from the host\'s masks, not by driver_override: write "-0xADAPTER" to /sys/bus/ap/apmask, which takes every queue of the adapter, or "-0xDOMAIN" to /sys/bus/ap/aqmask, which takes every queue of the domain; then assign them to a mediated device of /sys/devices/vfio_ap/matrix',
  },
};

/** Whether a driver is the one in the table for a bus. */
export function isVfioByFact(bus: string, driver: string): boolean {
  return Object.hasOwn(vfioBuses, bus) && vfioBuses[bus]!.driver === driver;
}

/**
 * Buses whose devices get to VFIO by their parent, with the parent's bus. A ccw device is alone on its subchannel,
 * which is what vfio_ccw binds.
 */
const SERVED_BY: Readonly<Record<string, string>> = { ccw: 'css' };

/** The bus of the device that VFIO binds for a device of this bus. */
function servingBus(bus: string): string {
  return Object.hasOwn(SERVED_BY, bus) ? SERVED_BY[bus]! : bus;
}

/**
 * The bus of a modalias string: the text before its first colon, but platform for `of:` and `acpi:`, and the
 * subchannel's for `ccw:`.
 */
export function busOfModalias(modalias: string): string {
  const type = modalias.slice(0, Math.max(0, modalias.indexOf(':')));
  return type === 'of' || type === 'acpi' ? 'platform' : servingBus(type);
}

/** Whether a word looks like a modalias of a bus that VFIO knows, and not like a PCI address or a path. */
export function isModalias(word: string): boolean {
  return /^[a-z][a-z-]*:/.test(word) && Object.hasOwn(vfioBuses, busOfModalias(word));
}
