import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openAliasIndex } from '../../src/lookup/load.ts';
import { noSuchPath } from '../../src/lookup/no-aliases.ts';

const folder = mkdtempSync(join(tmpdir(), 'modalias-no-aliases-'));
afterAll(() => rmSync(folder, { recursive: true }));

const modules = join(folder, 'package/lib/modules');
const kernel = join(modules, '6.12.1-amd64');
mkdirSync(join(kernel, 'kernel'), { recursive: true });
writeFileSync(join(kernel, 'modules.order'), '');

test('openAliasIndex says how to write the index that depmod has not written yet', () => {
  expect(() => openAliasIndex(kernel)).toThrow(
    `${kernel}: depmod has not written modules.alias here yet; modalias build ${kernel} writes it`,
  );
});

test('openAliasIndex takes a directory with lists of its own for a modules directory, whatever is below it', () => {
  const outer = join(folder, 'outer');
  mkdirSync(join(outer, '6.12.2/kernel'), { recursive: true });
  for (const inside of ['', '6.12.2']) writeFileSync(join(outer, inside, 'modules.order'), '');
  expect(() => openAliasIndex(outer)).toThrow('depmod has not written modules.alias here yet');
  rmSync(outer, { recursive: true });
});

test.each(['package', 'package/lib/modules'])('openAliasIndex names the modules directory below %s', (above) => {
  expect(() => openAliasIndex(join(folder, above))).toThrow(
    `is not a modules directory; below it is ${kernel}, did you mean that?`,
  );
});

test('openAliasIndex says what a directory lacks', () => {
  expect(() => openAliasIndex(folder)).toThrow('contains neither modules.alias nor modules.alias.bin; expected');
});

test('openAliasIndex takes a directory with a kernel/ for one that depmod may index only if modules are in it', () => {
  const etc = join(folder, 'etc');
  mkdirSync(join(etc, 'kernel/install.d'), { recursive: true });
  expect(() => openAliasIndex(etc)).toThrow('contains neither modules.alias nor modules.alias.bin; expected');
  writeFileSync(join(etc, 'kernel/install.d/a.ko.xz'), '');
  expect(() => openAliasIndex(etc)).toThrow('depmod has not written modules.alias here yet');
});

test('openAliasIndex says which kernels there are where the one that was asked for is not there', () => {
  expect(() => openAliasIndex(join(modules, '6.13'))).toThrow(
    `no such file or directory; name an installed kernel with -m: ${kernel}`,
  );
  expect(() => openAliasIndex(join(folder, 'none'))).toThrow('no such file or directory; name a modules directory');
});

test('openAliasIndex says of a part of a modules directory what it is a part of, as verify does', () => {
  for (const part of ['kernel', 'kernel/drivers/net']) {
    mkdirSync(join(kernel, part), { recursive: true });
    const open = () => openAliasIndex(join(kernel, part));
    expect(open).toThrow(`is a part of the modules directory ${kernel}; did you mean that?`);
    expect(open).toThrow(expect.objectContaining({ code: 'not-a-modules-directory' }));
  }
});

test('openAliasIndex does not offer a directory that merely has a modules.order, as a build tree has, or a modules.dep', () => {
  const place = join(folder, 'trees');
  for (const name of ['linux', '6.1', 'copy']) mkdirSync(join(place, name), { recursive: true });
  writeFileSync(join(place, 'linux/modules.order'), 'fs/a.o\n');
  writeFileSync(join(place, 'linux/modules.builtin'), '');
  writeFileSync(join(place, 'copy/modules.dep'), '');
  const missing = () => openAliasIndex(join(place, 'none'));
  expect(missing).toThrow('no such file or directory; name a modules directory, a modules.alias');
  expect(() => openAliasIndex(place)).toThrow('contains neither modules.alias nor modules.alias.bin');
  writeFileSync(join(place, '6.1/modules.order'), '');
  mkdirSync(join(place, '6.2-rc1'));
  writeFileSync(join(place, '6.2-rc1/modules.dep.bin'), '');
  expect(missing).toThrow(/with -m: \S+\/trees\/6\.1, \S+\/trees\/6\.2-rc1$/);
  expect(() => openAliasIndex(place)).toThrow(
    `is not a modules directory; below it are ${place}/6.1, ${place}/6.2-rc1: name one of them`,
  );
});

test('noSuchPath takes a bare release for one of the installed kernels', () => {
  writeFileSync(join(folder, 'x'), '');
  mkdirSync(join(modules, '6.1'), { recursive: true });
  writeFileSync(join(modules, '6.1/modules.dep'), '');
  mkdirSync(join(modules, 'other/kernel'), { recursive: true });
  expect(noSuchPath('6.1', modules).message).toBe(
    `6.1: no such file or directory; name an installed kernel with -m: ${modules}/6.1`,
  );
  expect(noSuchPath('6.2', modules).message).toContain(`with -m: ${modules}/6.1, ${kernel}`);
});

test.each([
  ['!<arch>\ndebian-binary   ', /is a Debian package; expected a modules directory/],
  ['\xed\xab\xee\xdb\x03', /is an RPM package; expected a modules directory/],
  ['\x7fELF\x02', /is an object file.*modalias extract/],
  ['\x1f\x8b\x08', /is compressed with gzip; unpack it first: gzip -dc .*\/file$/],
  ['\xfd7zXZ\0\0', /is compressed with xz/],
  ['\x28\xb5\x2f\xfd', /is compressed with zstd/],
])('openAliasIndex says what a file is that begins with %j', (start, message) => {
  for (const name of ['file', 'file.bin']) {
    writeFileSync(join(folder, name), start, 'latin1');
    const error = (() => {
      try {
        openAliasIndex(join(folder, name));
      } catch (error) {
        return error as Error;
      }
    })();
    expect(error).toMatchObject({ code: 'not-aliases' });
    if (name === 'file') expect(error!.message).toMatch(message);
  }
});
