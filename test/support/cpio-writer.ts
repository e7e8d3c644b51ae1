/** A member of an archive: a file's text or bytes, null for a directory, a link's target, or one of a file's names. */
export type CpioEntry =
  | string
  | Uint8Array
  | null
  | { readonly link: string }
  | { readonly names: number; readonly data?: string };

/** A cpio archive in the newc format with these members, by their paths; texts are latin1. */
export function cpioArchive(members: Readonly<Record<string, CpioEntry>>, magic = '070701'): Buffer {
  const parts: Buffer[] = [];
  let inode = 1;
  const put = (path: string, mode: number, data: Buffer, links = 1) => {
    const name = Buffer.from(`${path}\0`, 'latin1');
    const fields = [inode++, mode, 0, 0, links, 0, data.length, 0, 0, 0, 0, name.length, 0];
    const header = Buffer.from(`${magic}${fields.map((one) => one.toString(16).padStart(8, '0')).join('')}`);
    parts.push(padded(Buffer.concat([header, name])), padded(data));
  };
  for (const [path, entry] of Object.entries(members)) {
    if (entry === null) put(path, 0o040755, Buffer.alloc(0), 2);
    else if (typeof entry === 'object' && 'link' in entry) put(path, 0o120777, Buffer.from(entry.link, 'latin1'));
    else if (typeof entry === 'object' && 'names' in entry)
      put(path, 0o100644, Buffer.from(entry.data ?? '', 'latin1'), entry.names);
    else put(path, 0o100644, typeof entry === 'string' ? Buffer.from(entry, 'latin1') : Buffer.from(entry));
  }
  put('TRAILER!!!', 0, Buffer.alloc(0));
  return Buffer.concat(parts);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
