export const BLOCK = 512;

/** The fields of a member's header that say what it is (tar(5)); paths are raw paths. */
export interface TarHeader {
  readonly path: string;
  readonly type: string;
  readonly size: number;
  readonly target: string;
}

const USTAR = 'ustar\0';

/** Whether a block is the header of a member: its checksum is right (tar(5)). */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < BLOCK || block[0] === 0) return false;
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : block[i]!;
  return sum === numberAt(Buffer.from(block), 148, 8);
}

/** Takes a header apart. Only POSIX archives have a prefix of the path; GNU's have other fields in its place. */
export function tarHeader(block: Buffer): TarHeader {
  const name = untilNul(block.subarray(0, 100));
  const prefix = block.toString('latin1', 257, 263) === USTAR ? untilNul(block.subarray(345, 500)) : '';
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    type: block[156] === 0 ? '0' : String.fromCharCode(block[156]!),
    size: numberAt(block, 124, 12),
    target: untilNul(block.subarray(157, 257)),
  };
}

export function untilNul(bytes: Buffer): string {
  return bytes.toString('latin1').split('\0', 1)[0]!;
}

/** The records of a pax header, `LENGTH KEY=VALUE` and a line feed each, as latin1; undefined if they are not such. */
export function paxRecords(bytes: Buffer): Map<string, string> | undefined {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const digits = /^\d{1,9} /.exec(bytes.toString('latin1', at, at + 10))?.[0];
    const end = at + Number(digits);
    if (!digits || end > bytes.length || bytes[end - 1] !== 0x0a) return undefined;
    const record = bytes.toString('latin1', at + digits.length, end - 1);
    const equals = record.indexOf('=');
    if (equals === -1) return undefined;
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at = end;
  }
  return records;
}

/** A number in octal digits, or in binary after a first byte whose highest bit is set. */
function numberAt(block: Buffer, at: number, length: number): number {
  if (block[at]! & 0x80)
    return block.subarray(at + 1, at + length).reduce((sum, byte) => sum * 256 + byte, block[at]! & 0x7f);
  return Number.parseInt(untilNul(block.subarray(at, at + length)).trim(), 8) || 0;
}
