import type { Release } from '../release.ts';
import { always, atRelease, type ByRelease, history } from '../release-history.ts';
import type { Decision, PciFacts } from './state.ts';

const INTEL = 0x8086;

/** On the list from the oldest release on that this model knows (it began in 5.9). */
const ALWAYS = always<Decision>('yes');

/** Came in 6.10 and, in May 2024, to the series that lived, 5.10 apart. Whether to 5.15 is not known, nor what vendors' kernels took over. */
const SINCE_MAY_2024 = history<Decision>({
  '5.10': 'unknown',
  '6.1.91': 'yes',
  '6.6.31': 'yes',
  '6.8.10': 'yes',
  '6.9.1': 'yes',
  '6.10': 'yes',
});

/** Intel's devices that vfio-pci refuses unless its parameter disable_denylist is set (vfio_pci.c:vfio_pci_dev_in_denylist). */
const DENYLIST: ReadonlyMap<number, ByRelease<Decision>> = new Map([
  // QuickAssist C3xxx, C62x and DH895xCC: functions and their virtual ones
  [0x19e2, ALWAYS],
  [0x19e3, ALWAYS],
  [0x37c8, ALWAYS],
  [0x37c9, ALWAYS],
  [0x0435, ALWAYS],
  [0x0443, ALWAYS],
  // DSA and IAX of Sapphire Rapids
  [0x0b25, SINCE_MAY_2024],
  [0x0cfe, SINCE_MAY_2024],
]);

/** Whether vfio-pci has a device on its denylist in a release. */
export function denylisted({ vendor, device }: Pick<PciFacts, 'vendor' | 'device'>, release: Release): Decision {
  const history = vendor === INTEL ? DENYLIST.get(device) : undefined;
  return (history && atRelease(history, release)) ?? 'no';
}
