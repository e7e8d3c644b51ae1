import type { CommandRule } from '../outcome.ts';
import { said } from '../outcome.ts';
import { UNKNOWN_TEXT } from '../thread.ts';

const hex = (text: string | null) => text?.trim().replace(/^0x/, '') ?? '';

/**
 * `lspci -n [-D] [-s SLOT] [-d VENDOR:DEVICE]`: a line for each device, with numbers only. The revision is not in the
 * state and is left out, as lspci leaves out 00; what names, -v and -m print is not known.
 */
export const LSPCI: CommandRule = ({ words, files }) => {
  const flags = words
    .filter((word) => /^-[a-zA-Z]+$/.test(word))
    .join('')
    .replaceAll('-', '');
  const value = (letter: string) => words[words.indexOf(`-${letter}`) + 1];
  const slot = words.includes('-s') ? value('s') : undefined;
  const ids = words.includes('-d') ? value('d')?.split(':') : undefined;
  const devices = files.names('/sys/bus/pci/devices');
  if (!devices || /[^nDsd]/.test(flags) || !flags.includes('n') || flags.includes('nn')) return said(UNKNOWN_TEXT);
  const lines = devices.flatMap((name) => {
    const read = (file: string) => hex(files.text(`/sys/bus/pci/devices/${name}/${file}`));
    const [vendor, device] = [read('vendor'), read('device')];
    if (slot !== undefined && name !== slot && name !== `0000:${slot}`) return [];
    if (ids && ((ids[0] && ids[0] !== vendor) || (ids[1] && ids[1] !== device))) return [];
    const shown = flags.includes('D') ? name : name.replace(/^0000:/, '');
    return [`${shown} ${read('class').slice(0, 4)}: ${vendor}:${device}\n`];
  });
  return said(lines.join(''));
};
