/**
 * Paths of Linux are bytes. A raw path holds them as latin1, one character a byte, so that names that are not UTF-8
 * survive and compare as in the kernel and kmod.
 */
export function rawPath(path: string): string {
  return isAscii(path) ? path : Buffer.from(path).toString('latin1');
}

/** What node:fs opens for a raw path. */
export function openable(raw: string): string | Buffer {
  return isAscii(raw) ? raw : Buffer.from(raw, 'latin1');
}

/** A raw path for display: its UTF-8, with U+FFFD for invalid bytes. */
export function readablePath(raw: string): string {
  return isAscii(raw) ? raw : Buffer.from(raw, 'latin1').toString();
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}
