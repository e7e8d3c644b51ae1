import { likenessOf, modaliasOfIds } from '../lookup/likeness.ts';
import { type KnownDevice, knownDevice } from './known-device.ts';
import { idsOfLine, idsOfRecord, memberOf, modaliasOfPci } from './lspci.ts';

/** A line that does not identify a device, and that no known program prints beside its devices. */
export interface UnreadLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** What the other lines of known programs look like: of udevadm, of a uevent, below a device of lspci or lsusb. */
const OTHER_LINES = /^(?:[A-Z]: |[A-Z][A-Z0-9_]*=|\s)/;
const MODALIAS = /^[a-z][a-z0-9_-]*:\S/;

/**
 * Reads devices from lines, latin1: a modalias each, or what lspci (`-n`, `-nn`, `-nmm`, `-vmmn`), lsusb,
 * `udevadm info -e` and uevents print, also mixed. Each device comes once, in the order of the lines.
 */
export class InventoryLines {
  readonly #devices = new Map<string, KnownDevice>();
  readonly #unread: UnreadLine[] = [];
  /** The record of `lspci -vmm` that is being read, and where it begins. */
  #record = new Map<string, string>();
  #recordStart = 0;
  #line = 0;

  add(text: string): void {
    this.#line++;
    const line = text.replace(/\r$/, '');
    const member = memberOf(line);
    if (member) {
      if (this.#record.size === 0) this.#recordStart = this.#line;
      this.#record.set(...member);
      return;
    }
    this.#endRecord();
    if (line === '') return;
    const modalias = modaliasOf(line);
    if (modalias !== undefined) this.#put(modalias);
    else if (!OTHER_LINES.test(line)) this.#unread.push({ line: this.#line, text: line });
  }

  /** All that was read. */
  finish(): { readonly devices: readonly KnownDevice[]; readonly unread: readonly UnreadLine[] } {
    this.#endRecord();
    return { devices: [...this.#devices.values()], unread: this.#unread };
  }

  #endRecord(): void {
    if (this.#record.size === 0) return;
    const ids = idsOfRecord(this.#record);
    if (ids) this.#put(modaliasOfPci(ids));
    else this.#unread.push({ line: this.#recordStart, text: [...this.#record].map((m) => m.join(' ')).join(', ') });
    this.#record = new Map();
  }

  #put(modalias: string): void {
    if (!this.#devices.has(modalias)) this.#devices.set(modalias, knownDevice(modalias));
  }
}

/** The modalias of the device that a line identifies, `*` for what it lacks. */
function modaliasOf(line: string): string | undefined {
  const pci = idsOfLine(line);
  if (pci) return modaliasOfPci(pci);
  const like = likenessOf(line);
  if (like?.modalias !== undefined) return MODALIAS.test(like.modalias) ? like.modalias : undefined;
  if (like?.ids?.bus) return modaliasOfIds(like.ids, like.ids.bus);
  return like?.ids === undefined && MODALIAS.test(line) ? line : undefined;
}
