import { isDeviceKey } from '../explain/known-buses.ts';
import { isWhole } from './known-device.ts';
import { MODALIAS, modaliasOfLine } from './line-formats.ts';
import { idsOfRecord, memberOf, modaliasOfPci } from './lspci.ts';

/** A device as a line of an inventory mentions it. */
export interface Mention {
  /** Its modalias as it stands there, latin1, or one made of its ids. */
  readonly modalias: string;
  /** The machine that the line names; undefined where it names none. */
  readonly machine?: string | undefined;
  /** How often there is such a device, where the line says so. */
  readonly count?: number | undefined;
}

/** A line that does not identify a device, and that no known program prints beside its devices. */
export interface UnreadLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** Takes what an inventory holds, as it is read. */
export interface InventorySink {
  readonly device: (mention: Mention) => void;
  readonly unread: (line: UnreadLine) => void;
}

/** What the other lines of known programs look like: of udevadm, of a uevent, below a device of lspci or lsusb. */
const OTHER_LINES = /^(?:[A-Z]: |[A-Z][A-Z0-9_]*=|\s)/;
/** As `uniq -c` prints it. */
const COUNTED = /^\s*(\d{1,15})[ \t]+([a-z].*)$/;
/** The machine comes first, as pdsh and ansible print it. */
const NAMED = /^((?!\d+:?[ \t])[A-Za-z0-9][\w.@-]{0,252}):?[ \t]+([a-z].*)$/;
const UTF8_MARK = '\xef\xbb\xbf';

/**
 * The device that a line by itself mentions, latin1: `other` for what known programs print beside their devices,
 * `unread` for anything else.
 */
export function mentionOf(line: string): Mention | 'other' | 'unread' {
  const modalias = isWhole(line) ? line : modaliasOfLine(line);
  if (modalias !== undefined) return { modalias };
  const [, count, counted] = COUNTED.exec(line) ?? [];
  if (counted !== undefined && MODALIAS.test(counted) && Number(count) > 0)
    return { modalias: modaliasOfLine(counted) ?? counted, count: Number(count) };
  if (line === '' || OTHER_LINES.test(line)) return 'other';
  const [, machine, named] = NAMED.exec(line) ?? [];
  if (named === undefined || !isDeviceText(named)) return 'unread';
  return { modalias: modaliasOfLine(named) ?? named, machine };
}

/** Of a known bus, and without blanks but for those in the texts of dmi. */
function isDeviceText(text: string): boolean {
  const [word] = text.split(/[ \t]/, 1);
  return isDeviceKey(word!) && (word === text || text.startsWith('dmi:'));
}

/** A line without what may stand around it: the mark of UTF-8, the carriage return of Windows. */
export function bareLine(text: string): string {
  const line = text.startsWith(UTF8_MARK) ? text.slice(UTF8_MARK.length) : text;
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/**
 * Reads devices from lines, latin1: a modalias each, alone or with a count or a machine before it, or what lspci (`-n`,
 * `-nn`, `-nmm`, `-vmmn`), lsusb, `udevadm info -e` and uevents print, also mixed.
 */
export class DeviceLines {
  readonly #sink: InventorySink;
  /** The record of `lspci -vmm` that is being read, and where it begins. */
  #record = new Map<string, string>();
  #recordStart = 0;
  #line = 0;

  constructor(sink: InventorySink) {
    this.#sink = sink;
  }

  add(text: string): void {
    this.#line++;
    const line = bareLine(text);
    const member = memberOf(line);
    if (member) {
      if (this.#record.size === 0) this.#recordStart = this.#line;
      this.#record.set(...member);
      return;
    }
    this.finish();
    const mention = mentionOf(line);
    if (mention === 'unread') this.#sink.unread({ line: this.#line, text: line });
    else if (mention !== 'other') this.#sink.device(mention);
  }

  /** Ends the record that is being read. */
  finish(): void {
    if (this.#record.size === 0) return;
    const ids = idsOfRecord(this.#record);
    if (ids) this.#sink.device({ modalias: modaliasOfPci(ids) });
    else this.#sink.unread({ line: this.#recordStart, text: [...this.#record].map((m) => m.join(' ')).join(', ') });
    this.#record = new Map();
  }
}
