/** A file of a package to be written, with a mode such as 0o100644. */
export interface RpmFile {
  readonly path: string;
  readonly mode: number;
  /** A file's bytes or a link's target. */
  readonly data?: string;
  /** Equal numbers are names of one file. */
  readonly inode?: number;
  readonly ghost?: boolean;
}

type Value = { tag: number; type: 3 | 4 | 5 | 6 | 8; values: readonly (number | string)[] };
const SIZE = { 3: 2, 4: 4, 5: 8 } as const;

/** A header section of rpm: an index of tags, then their values (lib/header.c). */
export function rpmSection(values: readonly Value[]): Buffer {
  const index: Buffer[] = [];
  let data = Buffer.alloc(0);
  for (const { tag, type, values: list } of values) {
    const size = type === 6 || type === 8 ? 1 : SIZE[type];
    data = Buffer.concat([data, Buffer.alloc(-data.length & (size - 1))]);
    const entry = Buffer.alloc(16);
    [tag, type, data.length, list.length].forEach((n, i) => void entry.writeUInt32BE(n, 4 * i));
    index.push(entry);
    const parts = list.map((value) => {
      if (typeof value === 'string') return Buffer.from(`${value}\0`, 'latin1');
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(BigInt(value));
      return bytes.subarray(8 - size);
    });
    data = Buffer.concat([data, ...parts]);
  }
  const preamble = Buffer.from('8eade8010000000000000000' + '00000000', 'hex');
  preamble.writeUInt32BE(index.length, 8);
  preamble.writeUInt32BE(data.length, 12);
  return Buffer.concat([preamble, ...index, data]);
}

/**
 * A package in rpm's version 6: names and sizes in the header, a stripped cpio archive. `pack` compresses the payload.
 */
export function rpm6(files: readonly RpmFile[], pack: (payload: Buffer) => Uint8Array = (p) => p): Buffer {
  const directories = [...new Set(files.map((f) => f.path.slice(0, f.path.lastIndexOf('/') + 1)))];
  const inode = (f: RpmFile, i: number) => f.inode ?? 1000 + i;
  const isLink = (f: RpmFile) => (f.mode & 0o170000) === 0o120000;
  const lead = Buffer.alloc(96);
  lead.write('edabeedb', 'hex');
  const signatures = rpmSection([{ tag: 1000, type: 4, values: [1] }]);
  const header = rpmSection([
    { tag: 1030, type: 3, values: files.map((f) => f.mode) },
    { tag: 1036, type: 8, values: files.map((f) => (isLink(f) ? (f.data ?? '') : '')) },
    { tag: 1037, type: 4, values: files.map((f) => (f.ghost ? 64 : 0)) },
    { tag: 1095, type: 4, values: files.map(() => 1) },
    { tag: 1096, type: 4, values: files.map(inode) },
    { tag: 1116, type: 4, values: files.map((f) => directories.indexOf(f.path.slice(0, f.path.lastIndexOf('/') + 1))) },
    { tag: 1117, type: 8, values: files.map((f) => f.path.slice(f.path.lastIndexOf('/') + 1)) },
    { tag: 1118, type: 8, values: directories },
    { tag: 1124, type: 6, values: ['cpio'] },
    { tag: 5008, type: 5, values: files.map((f) => f.data?.length ?? 0) },
  ]);
  const last = new Map(files.flatMap((f, i) => (f.ghost ? [] : [[inode(f, i), i]])));
  const payload: Buffer[] = [];
  const aligned = (bytes: Buffer) => payload.push(bytes, Buffer.alloc(-bytes.length & 3));
  files.forEach((f, i) => {
    if (f.ghost) return;
    aligned(Buffer.from(`07070X${i.toString(16).padStart(8, '0')}`));
    if (isLink(f) || last.get(inode(f, i)) === i) aligned(Buffer.from(f.data ?? '', 'latin1'));
  });
  const fields = [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 11, 0];
  aligned(Buffer.from(`070701${fields.map((n) => n.toString(16).padStart(8, '0')).join('')}TRAILER!!!\0`));
  return Buffer.concat([lead, signatures, Buffer.alloc(-signatures.length & 7), header, pack(Buffer.concat(payload))]);
}
