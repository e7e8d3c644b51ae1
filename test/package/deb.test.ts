import { expect, test } from 'vitest';
import { memorySource } from '../../src/binary/source.ts';
import { debMembers, debName } from '../../src/package/deb.ts';
import { tarHeader } from '../support/tar-header.ts';

/** A part of an archive of ar(5); data of an odd size has a line feed behind it. */
const part = (name: string, data: Buffer | string) => {
  const bytes = Buffer.from(data);
  const header = `${name.padEnd(48)}${String(bytes.length).padEnd(10)}\`\n`;
  return Buffer.concat([Buffer.from(header), bytes, Buffer.alloc(bytes.length & 1, '\n')]);
};
const tar = (name: string, text: string) =>
  Buffer.concat([tarHeader(name, '0', text.length), Buffer.from(text.padEnd(512, '\0')), Buffer.alloc(1024)]);
const rangeOf = (...parts: readonly Buffer[]) => {
  const bytes = Buffer.concat([Buffer.from('!<arch>\n'), ...parts]);
  return { source: memorySource(bytes, 'x.deb'), start: 0, end: bytes.length };
};
const format = part('debian-binary', '2.0\n');
const data = part('data.tar', tar('./a', 'text'));
const LIMIT = 1 << 20;
async function members(...parts: readonly Buffer[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { path } of debMembers(rangeOf(...parts), LIMIT)) found.push(path);
  return found;
}

test('debMembers: takes data.tar wherever it stands, and parts begin at even places', async () => {
  expect(await members(format, part('control.tar.xz', 'odd'), data)).toEqual(['./a']);
  expect(await members(format, part('_more/', 'even'), part('data.tar/', tar('./b', 'x')))).toEqual(['./b']);
  expect(await members(part('debian-binary', '2.1'), data, part('data.tar', 'not read'))).toEqual(['./a']);
});

test.each<[what: string, parts: readonly Buffer[], message: string]>([
  ['another archive', [part('a.o', 'x'), data], "its first part is 'a.o'; expected a Debian package"],
  ['another format', [part('debian-binary', '3.0\n'), data], 'debian-binary does not say format 2'],
  ['no data', [format, part('data.tarry', '')], 'it has no data.tar'],
  ['a header that is none', [format, Buffer.alloc(60, 'x')], 'expected the header of a part at offset 72'],
  [
    'a part that is cut off',
    [format, data.subarray(0, -10)],
    'its part data.tar has 2048 bytes, but only 2038 are left',
  ],
])('debMembers: refuses %s', async (_what, parts, message) => {
  await expect(members(...parts)).rejects.toMatchObject({
    code: 'bad-package',
    message: expect.stringContaining(message),
  });
});

test('debName: is what the control file calls the package, in whatever case, and undefined without one', async () => {
  const name = (file: string, text: string) => debName(rangeOf(format, part('control.tar', tar(file, text))), LIMIT);
  expect(await name('./control', 'Version: 1\nPackage: linux-image \n')).toBe('linux-image');
  expect(await name('control', 'PACKAGE:\tx\n')).toBe('x');
  expect([await name('./md5sums', 'Package: x\n'), await name('./control', 'X-Package: x\n')]).toEqual([
    undefined,
    undefined,
  ]);
  expect(await debName(rangeOf(format, data), LIMIT)).toBeUndefined();
});
