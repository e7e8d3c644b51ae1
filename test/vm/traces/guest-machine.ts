import { type Device, type KernelState, makeDevice } from '../../../src/driver-core/index.ts';
import { kernelState } from '../../../src/model/machines/kernel-state.ts';
import { parseMachine } from '../../../src/model/machines/read-description.ts';
import { parseRelease } from '../../../src/release.ts';
import type { Guest } from '../guest.ts';
import type { Kernel } from '../kernel.ts';
import type { Report } from '../report.ts';

/** A port into which a card can be plugged while the guest runs. */
export interface Port {
  /** Name of the card once it is there. */
  readonly device: string;
  /** Its driver. */
  readonly driver: string;
  /** What QEMU's device_add is given. */
  readonly add: Readonly<Record<string, string>>;
}

/** Two disks besides what every machine has, two more ports, and an image for the disk that is plugged in there. */
export const TRACES_MACHINE = [
  ...['-blockdev', 'driver=null-co,node-name=disk2,size=16777216,read-zeroes=on'],
  ...['-blockdev', 'driver=null-co,node-name=disk3,size=16777216,read-zeroes=on'],
  ...['-device', 'pcie-root-port,id=rp8,chassis=8,addr=8.0'],
  ...['-device', 'pcie-root-port,id=hot2,chassis=9,addr=9.0'],
  ...['-device', 'pcie-root-port,id=hot3,chassis=10,addr=a.0'],
  ...['-device', 'nvme,bus=rp8,drive=disk2,serial=test2'],
];

export const PORTS: readonly Port[] = [
  { device: '0000:05:00.0', driver: 'e1000e', add: { driver: 'e1000e', bus: 'hot' } },
  { device: '0000:09:00.0', driver: 'e1000', add: { driver: 'e1000', bus: 'hot3' } },
  { device: '0000:08:00.0', driver: 'nvme', add: { driver: 'nvme', bus: 'hot2', drive: 'disk3', serial: 'test3' } },
];

/** The modules with the drivers of the guest's cards, in the order in which they are loaded, and vfio-pci. */
export const NATIVE = ['e1000', 'xhci_pci', 'e1000e', 'nvme'];

/** Plugs a card in; QEMU gives a name back once the last card of that name is gone. */
export async function plugIn(guest: Guest, { device, add }: Port): Promise<void> {
  await guest.qmp('device_add', { ...add, id: `card-${device.replaceAll(/\W/g, '-')}` });
}

/** The port's slot as the kernel has it: without power, QEMU takes the card out. */
export async function takeOut(guest: Guest, { device }: Port): Promise<void> {
  for (const slot of await guest.list('/sys/bus/pci/slots')) {
    const address = (await guest.read(`/sys/bus/pci/slots/${slot}/address`)).trim();
    if (!device.startsWith(`${address}.`)) continue;
    await guest.write(`/sys/bus/pci/slots/${slot}/power`, '0');
    await guest.until(`${device} is gone`, async () => (await guest.link(`/sys/bus/pci/devices/${device}`)) === null);
    return;
  }
  throw new Error(`${device} is in no slot`);
}

/** Loads the drivers, and gives every card that can be plugged in a driver once, so that it is recorded too. */
export async function prepare(guest: Guest, _kernel: Kernel, report: Report): Promise<void> {
  for (const module of [...NATIVE, 'vfio_pci', 'vfio_iommu_type1']) {
    const { status, stderr } = await guest.exec(['modprobe', module]);
    report.equal(`modprobe ${module} ${stderr}`, status, 0);
  }
  for (const port of PORTS) {
    await plugIn(guest, port);
    const driver = `/sys/bus/pci/devices/${port.device}/driver`;
    await guest.until(`${port.device} has a driver`, async () => (await guest.link(driver)) !== null);
  }
}

/**
 * The guest's machine as `vfio record` writes it and `model check` reads it, with the cards in the ports taken out
 * again: they are known, and can be plugged in. Drivers stand in the order in which they were loaded.
 */
export async function recordGuest(guest: Guest, kernel: Kernel): Promise<KernelState> {
  const modules = `/lib/modules/${kernel.release}`;
  const { status, stdout, stderr } = await guest.exec(
    ['node', '/modalias/dist/cli.js', 'vfio', 'record', 'guest', '-m', modules],
    90_000,
  );
  if (status !== 0) throw new Error(`vfio record: ${status} ${stderr}`);
  const state = kernelState(parseMachine(stdout, 'guest.json'), parseRelease(kernel.release));
  for (const port of PORTS) await takeOut(guest, port);
  const out = ({ bus, name, pci, group }: Device) =>
    makeDevice(bus, name, { pci, group, plugged: false, present: false, matchReady: false });
  const rank = (module: string | null) => (module === null ? -1 : [...NATIVE, 'vfio_pci'].indexOf(module));
  return {
    ...state,
    devices: state.devices.map((device) => (PORTS.some((port) => port.device === device.name) ? out(device) : device)),
    drivers: state.drivers.toSorted((a, b) => rank(a.module) - rank(b.module)),
  };
}
