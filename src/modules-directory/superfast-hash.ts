/**
 * Paul Hsieh's SuperFastHash as kmod has it on a little-endian machine, for a latin1 string: 32 bits, unsigned. Bytes
 * above 127 count as negative where they are taken one by one. kmod shared/hash.c:hash_superfast.
 */
export function superFastHash(key: string): number {
  let hash = key.length | 0;
  let at = 0;
  for (; at + 4 <= key.length; at += 4) {
    hash = (hash + u16(key, at)) | 0;
    const mixed = (u16(key, at + 2) << 11) ^ hash;
    hash = (hash << 16) ^ mixed;
    hash = (hash + (hash >>> 11)) | 0;
  }
  switch (key.length - at) {
    case 3:
      hash = (hash + u16(key, at)) | 0;
      hash ^= hash << 16;
      hash ^= s8(key, at + 2) << 18;
      hash = (hash + (hash >>> 11)) | 0;
      break;
    case 2:
      hash = (hash + u16(key, at)) | 0;
      hash ^= hash << 11;
      hash = (hash + (hash >>> 17)) | 0;
      break;
    case 1:
      hash = (hash + s8(key, at)) | 0;
      hash ^= hash << 10;
      hash = (hash + (hash >>> 1)) | 0;
  }
  hash ^= hash << 3;
  hash = (hash + (hash >>> 5)) | 0;
  hash ^= hash << 4;
  hash = (hash + (hash >>> 17)) | 0;
  hash ^= hash << 25;
  hash = (hash + (hash >>> 6)) | 0;
  return hash >>> 0;
}

function u16(key: string, at: number): number {
  return key.charCodeAt(at) | (key.charCodeAt(at + 1) << 8);
}

function s8(key: string, at: number): number {
  return (key.charCodeAt(at) << 24) >> 24;
}
