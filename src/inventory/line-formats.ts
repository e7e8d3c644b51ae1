import { likenessOf, modaliasOfIds } from '../lookup/likeness.ts';
import { idsOfLine, modaliasOfPci } from './lspci.ts';

/** What programs print of a device in a line by itself. */
export interface LineFormat {
  /** Command lines of the programs, as messages and --help name them. */
  readonly programs: readonly string[];
  /** The modalias of the device, latin1, with `*` for what the line lacks; undefined for a line of anything else. */
  readonly modaliasOf: (line: string) => string | undefined;
}

/** The first format that knows a line counts. */
const LINE_FORMATS: readonly LineFormat[] = [
  { programs: ['lspci -nmm'], modaliasOf: ofLspci },
  { programs: ['lsusb', 'udevadm info -e'], modaliasOf: ofLikeness },
];

/** Every program whose output is read; the records of `lspci -vmm` are several lines each. */
export const INVENTORY_PROGRAMS: readonly string[] = [
  'lspci -vmmn',
  ...LINE_FORMATS.flatMap(({ programs }) => programs),
];

/** What an inventory may be, for --help. */
export const INVENTORIES = `modaliases, ${INVENTORY_PROGRAMS.join(', ')}, a recorded machine, a sysfs root, or a directory of these`;

/** The modalias of the device that a line identifies, `*` for what it lacks; undefined where it identifies none. */
export function modaliasOfLine(line: string): string | undefined {
  for (const { modaliasOf } of LINE_FORMATS) {
    const modalias = modaliasOf(line);
    if (modalias !== undefined) return modalias;
  }
  return undefined;
}

function ofLspci(line: string): string | undefined {
  const ids = idsOfLine(line);
  return ids && modaliasOfPci(ids);
}

/** What a user may give for a device: a line of lspci -n or -nn, of lsusb, of a uevent, or a modalias itself. */
function ofLikeness(line: string): string | undefined {
  const like = likenessOf(line);
  if (like?.modalias !== undefined) return MODALIAS.test(like.modalias) ? like.modalias : undefined;
  if (like?.ids?.bus) return modaliasOfIds(like.ids, like.ids.bus);
  return like?.ids === undefined && MODALIAS.test(line) ? line : undefined;
}

/** What begins as a modalias does. */
export const MODALIAS: RegExp = /^[a-z][a-z0-9_-]*:\S/;
