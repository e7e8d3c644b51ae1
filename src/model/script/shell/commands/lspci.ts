import type { CommandRule, Outcome, Run } from '../outcome.ts';
import { said } from '../outcome.ts';
import { SOME_WORDS, UNKNOWN_TEXT } from '../thread.ts';

const hex = (text: string | null) => text?.trim().replace(/^0x/, '') ?? '';

/** Names of classes and vendors in pci.ids that have not changed for many years; others are not known. */
const CLASSES: Readonly<Record<string, string>> = {
  '0106': 'SATA controller',
  '0108': 'Non-Volatile memory controller',
  '0200': 'Ethernet controller',
  '0280': 'Network controller',
  '0300': 'VGA compatible controller',
  '0302': '3D controller',
  '0380': 'Display controller',
  '0403': 'Audio device',
  '0604': 'PCI bridge',
  '0c03': 'USB controller',
};
const VENDORS: Readonly<Record<string, string>> = {
  '1002': 'Advanced Micro Devices, Inc. [AMD/ATI]',
  '1022': 'Advanced Micro Devices, Inc. [AMD]',
  '10de': 'NVIDIA Corporation',
  '15b3': 'Mellanox Technologies',
  '8086': 'Intel Corporation',
};

/** Options of lspci by their letters; null where there is one that is not followed. */
function optionsOf(words: readonly string[]): ReadonlyMap<string, string> | null {
  const found = new Map<string, string>();
  for (let i = 0; i < words.length; i++) {
    if (!/^-\w/.test(words[i]!)) return null;
    for (let at = 1; at < words[i]!.length; at++) {
      const letter = words[i]![at]!;
      if (letter === 's' || letter === 'd') {
        const value = words[i]!.slice(at + 1) || words[++i];
        if (value === undefined || value.includes(UNKNOWN_TEXT)) return null;
        found.set(letter, value);
        break;
      }
      if (!'nD'.includes(letter)) return null;
      found.set(letter, `${found.get(letter) ?? ''}${letter}`);
    }
  }
  return found;
}

/** Which devices a slot names: `[[[DOMAIN]:]BUS]:][DEVICE][.[FUNCTION]]`; null where it is written otherwise. */
function slotPattern(slot: string): RegExp | null {
  const m = /^(?:(?:([0-9a-f]{1,8})?:)?([0-9a-f]{1,2})?:)?([0-9a-f]{1,2})?(?:\.([0-7])?)?$/i.exec(slot);
  if (!m) return null;
  const [, domain, bus, device, fn] = m;
  const part = (text: string | undefined, width: number) =>
    text === undefined || text === '' ? '[0-9a-f]+' : text.toLowerCase().padStart(width, '0');
  return new RegExp(`^${part(domain, 4)}:${part(bus, 2)}:${part(device, 2)}\\.${part(fn, 1)}$`);
}

/** Which devices `VENDOR:DEVICE[:CLASS]` names; null where it is written otherwise. */
function idsFilter(text: string): ((vendor: string, device: string, code: string) => boolean) | null {
  const m = /^([0-9a-f]{4}|\*)?:([0-9a-f]{4}|\*)?(?::([0-9a-f]{4}|\*)?)?$/i.exec(text);
  if (!m) return null;
  const [vendor, device, code] = m.slice(1).map((one) => (one === '*' ? undefined : one?.toLowerCase()));
  const fits = (asked: string | undefined, is: string) => !asked || asked === is;
  return (a, b, c) => fits(vendor, a) && fits(device, b) && fits(code, c);
}

/**
 * `lspci [-n|-nn] [-D] [-s SLOT] [-d VENDOR:DEVICE]`: a line for each device. Of names, those of vendors and classes
 * are known that do not change; the revision, which is not in the state, is left out of lines of numbers, as lspci
 * leaves out 00. What -v, -k and -m print is not known.
 */
export const LSPCI: CommandRule = ({ words, files }: Run): Outcome => {
  const options = optionsOf(words);
  const slot = slotPattern(options?.get('s') ?? '');
  const isAsked = idsFilter(options?.get('d') ?? ':');
  const devices = files.names('/sys/bus/pci/devices');
  if (!options || !devices || !slot || !isAsked) return said(UNKNOWN_TEXT);
  // With several domains, lspci shows them unasked.
  const inFull = options.has('D') || devices.some((name) => !name.startsWith('0000:'));
  const numbers = options.get('n') ?? '';
  const lines = devices.flatMap((name) => {
    const read = (file: string) => hex(files.text(`/sys/bus/pci/devices/${name}/${file}`));
    const [vendor, device, code] = [read('vendor'), read('device'), read('class').slice(0, 4)];
    if (!slot.test(name) || !isAsked(vendor, device, code)) return [];
    const shown = inFull ? name : name.replace(/^0000:/, '');
    if (numbers === 'n') return [`${shown} ${code}: ${vendor}:${device}\n`];
    const [kind, id] = numbers === '' ? ['', ''] : [` [${code}]`, ` [${vendor}:${device}]`];
    return [
      `${shown} ${CLASSES[code] ?? SOME_WORDS}${kind}: ${VENDORS[vendor] ?? SOME_WORDS} ${SOME_WORDS}${id}${SOME_WORDS}\n`,
    ];
  });
  return said(lines.join(''));
};
