import { expect, test } from 'vitest';
import {
  type Device,
  type Evidence,
  type KernelEvent,
  type KernelState,
  makeDriver,
  pciFacts,
} from '../../src/driver-core/index.ts';
import { Random } from '../support/random.ts';
import { card, e1000e, kernel, pciStub, step, vfioPci } from './card.ts';

const CARDS = ['0000:01:00.0', '0000:02:00.0', '0000:03:00.0'];
const OTHERS = Array.from({ length: 40 }, (_, i) => `0000:80:${i.toString(16).padStart(2, '0')}.0`);
const other = makeDriver('pci', 'other', { ids: [] });

/** Three cards, among others that have a driver of their own and are in other groups. */
function machine(others: readonly string[]): KernelState {
  const more = others.map((name, i) => card({ name, group: `${100 + i}`, driver: 'other', pci: pciFacts(0x1234, i) }));
  const cards = CARDS.map((name, i) => card({ name, group: `${i}`, driver: i === 0 ? null : 'e1000e' }));
  const evidence: Evidence[] = [...others, ...CARDS].map((device) => ({
    bus: 'pci',
    driver: device.startsWith('0000:80') ? 'other' : 'e1000e',
    device,
    probe: 'ok',
  }));
  return kernel([other, e1000e, vfioPci, pciStub], [...more.slice(0, 20), ...cards, ...more.slice(20)], { evidence });
}

function randomEvent(random: Random): KernelEvent {
  const name = random.pick(CARDS);
  const driver = random.pick(['e1000e', 'vfio-pci', 'pci-stub']);
  const write = (path: string, data: string): KernelEvent => ({ kind: 'write', path: `bus/pci/${path}`, data });
  return random.pick<KernelEvent>([
    write(`drivers/${driver}/bind`, `${name}\n`),
    write(`drivers/${driver}/unbind`, name),
    write('drivers_probe', name),
    write(`devices/${name}/driver_override`, random.pick(['vfio-pci\n', '\n'])),
    write('drivers/vfio-pci/new_id', '8086 10d3'),
    write('drivers/vfio-pci/remove_id', '8086 10d3'),
    write(`devices/${name}/remove`, '1'),
    write('rescan', '1'),
    { kind: 'unplug', bus: 'pci', device: name },
    { kind: 'plug', bus: 'pci', device: name },
  ]);
}

const isCard = ({ name }: Device) => CARDS.includes(name);

test('step: among dozens of other devices the same becomes of three, whatever happens to them', () => {
  const random = new Random(11);
  for (let run = 0; run < 30; run++) {
    let [few, many] = [machine([]), machine(OTHERS)];
    for (let i = 0; i < 30; i++) {
      const event = randomEvent(random);
      const [one, all] = [step(few, event), step(many, event)];
      expect(all.result, JSON.stringify(event)).toEqual(one.result);
      expect(all.trace).toEqual(one.trace);
      [few, many] = [one.state, all.state];
      expect(many.devices.filter(isCard)).toEqual(few.devices);
      expect(many.drivers).toEqual(few.drivers);
      expect(many.devices.filter((device) => !isCard(device)).map(({ driver }) => driver)).toEqual(
        OTHERS.map(() => 'other'),
      );
    }
  }
});
