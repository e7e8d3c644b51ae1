import { type LintRule, moduleFile } from '../lint-rule.ts';

export const xzCheck: LintRule = {
  severity: 'warning',
  needs: 'code',
  what: 'a .ko.xz has an integrity check that the kernel does not support',
  why: 'A kernel that decompresses modules itself (CONFIG_MODULE_DECOMPRESS) has the decoder of xz-embedded, which knows CRC32 and none; it refuses others with "decompression failed with status 6". xz writes CRC64 by default. kmod reads every check with liblzma, so the fault shows on some machines only.',
  fix: 'Compress with xz --check=crc32, as the kernel does (scripts/Makefile.modinst).',
  fires: moduleFile({ xzCheck: 'crc64' }, 'xz acme.ko'),
  silent: moduleFile({ xzCheck: 'crc32' }, 'xz --check=crc32 --lzma2=dict=1MiB acme.ko'),
  *module({ xzCheck: check }) {
    if (check !== undefined && check !== 'crc32' && check !== 'none')
      yield {
        message: `the xz data has the check ${check}, expected crc32: a kernel that decompresses modules itself refuses it`,
      };
  },
};
