const WORD = (1n << 64n) - 1n;

/** include/linux/hash.h: GOLDEN_RATIO_64. */
const GOLDEN_RATIO = 0x61c8864680b583ebn;

/** fs/kernfs/dir.c:kernfs_name_hash, with include/linux/stringhash.h, of a kernel for 64 bits. */
function nameHash(name: string): number {
  let hash = 0n;
  for (const byte of Buffer.from(name, 'latin1')) {
    const c = BigInt(byte);
    hash = ((hash + (c << 4n) + (c >> 4n)) * 11n) & WORD;
  }
  const word = Number((((hash * GOLDEN_RATIO) & WORD) >> 32n) & 0x7fffffffn);
  if (word < 2) return word + 2;
  return Math.min(word, 0x7ffffffe);
}

/** Names of a directory of sysfs in the order of readdir: that of their hashes (fs/kernfs/dir.c:kernfs_fop_readdir). */
export function inSysfsOrder(names: readonly string[]): string[] {
  const hashed = names.map((name) => ({ name, hash: nameHash(name) }));
  return hashed.sort((a, b) => a.hash - b.hash || (a.name < b.name ? -1 : 1)).map(({ name }) => name);
}
