/** The kernel's only override flag: PCI_ID_F_VFIO_DRIVER_OVERRIDE, CDX_ID_F_VFIO_DRIVER_OVERRIDE. */
export const VFIO_OVERRIDE: ReadonlyMap<number, string> = new Map([[1, 'vfio']]);
