import fs from 'node:fs';

/** Default limit in bytes on reading a file. */
export const READ_LIMIT = 64 * 1024;
const PAGE = 4096;
const LONGEST_LINE = PAGE + 100;
const scratch = Buffer.allocUnsafe(READ_LIMIT);
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/** What the first read of a file returns, a page at most. */
export function readPage(file: string): string {
  return readStart(file, PAGE, () => true);
}

/** The text up to the first newline, of a page and a little. */
export function readLine(file: string): string {
  const text = readStart(file, LONGEST_LINE, (part) => part.includes('\n'));
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}

/**
 * Up to `limit` bytes of a regular file, one character a byte, or until a read returns what is `enough`. Throws as fs
 * does.
 */
export function readStart(file: string, limit: number, enough: (part: string) => boolean): string {
  // Without O_NONBLOCK a named pipe would wait for its writer.
  const fd = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const buffer = limit <= scratch.length ? scratch : Buffer.allocUnsafe(limit);
    let size = 0;
    let text = '';
    while (size < limit) {
      const got = fs.readSync(fd, buffer, size, limit - size, null);
      if (got === 0) break;
      const part = buffer.toString('latin1', size, size + got);
      text += part;
      if (enough(part)) break;
      size += got;
    }
    return text;
  } finally {
    fs.closeSync(fd);
  }
}
