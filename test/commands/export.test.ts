import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { modulesTree, removeTree } from '../support/modules-tree.ts';
import { pciModule } from '../support/pci-module.ts';

const CARD = 'pci:v00001AF4d00000002sv00001AF4sd00000000bc02sc00i00';
const BUILTIN = 'pci:v00001AF4d00000009sv00001AF4sd00000000bc02sc00i00';
let dir: string;
let tree: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'export-'));
  writeFileSync(join(dir, 'devices'), `${CARD}\n${BUILTIN}\nusb:v1D6Bp0002d0601dc09dsc00dp01ic09isc00ip00in00\n`);
  tree = modulesTree({
    'kernel/my-net.ko': pciModule([[0x1af4, 2]]),
    'kernel/other.ko': pciModule([[0x1af4, 3]]),
    'modules.builtin': 'kernel/inside.ko\n',
    'modules.builtin.modinfo': 'inside.alias=pci:v00001AF4d00000009sv*sd*bc*sc*i*\0inside.file=x\0',
  });
  expect(cli(['build', '--depmod-config', 'none', tree]).status).toBe(0);
});
afterAll(() => {
  rmSync(dir, { recursive: true });
  removeTree(tree);
});

const run = (...args: string[]) => cli(['export', ...args, '-m', tree]);
const devices = () => join(dir, 'devices');

test('export initramfs: lists the modules of devices without built-in ones, and notes devices without a module', () => {
  const { status, stdout, stderr } = run('initramfs', '-d', devices());
  expect(status).toBe(0);
  expect(stdout.split('\n')).toEqual([expect.stringMatching(/^# .* 3 devices$/), `# ${CARD}`, 'my_net', '']);
  expect(stderr).toContain('no module serves 1 of 3 devices: usb:v1D6Bp0002');
});

test('export initramfs: without devices lists all modules that have some', () => {
  expect(
    run('initramfs')
      .stdout.split('\n')
      .filter((line) => !line.startsWith('#')),
  ).toEqual(['my_net', 'other', '']);
});

test('export initramfs: leaves out what modprobe.d blacklists, as udev does, and says so', () => {
  writeFileSync(join(dir, 'blacklist.conf'), 'blacklist my-net\n');
  const { stdout, stderr } = run('initramfs', '--config', join(dir, 'blacklist.conf'));
  expect(stdout.split('\n').filter((line) => !line.startsWith('#'))).toEqual(['other', '']);
  expect(stderr).toContain("note: left out, as modprobe's configuration blacklists them: my_net");
  expect(run('appstream', '--config', join(dir, 'blacklist.conf')).stdout).toContain('d00000002');
});

test('export: -o writes a file, --json a document, and --module takes dashes for underscores', () => {
  expect(run('appstream', '--module', 'my-net', '-o', join(dir, 'out.xml'))).toMatchObject({ status: 0, stdout: '' });
  expect(readFileSync(join(dir, 'out.xml'), 'utf8')).toBe(
    '<provides>\n  <modalias>pci:v00001AF4d00000002sv*sd*bc*sc*i*</modalias>\n</provides>\n',
  );
  expect(JSON.parse(run('rpm-suse', '--package', 'kmp', '--json').stdout)).toMatchObject({
    version: 1,
    format: 'rpm-suse',
    inputs: [tree],
    entries: [
      {
        pattern: 'pci:v00001AF4d00000002sv*sd*bc*sc*i*',
        modules: ['my_net'],
        written: ['modalias(kmp:pci:v00001AF4d00000002sv*sd*bc*sc*i*)'],
      },
      { modules: ['other'] },
    ],
    wider: [],
    unmatched: [],
    devices: null,
    summary: { modules: 2, patterns: 2, written: 2, wider: 0, unmatched: 0, noDevice: 0 },
  });
});

test('export: nothing to export is status 1 and leaves the file as it was', () => {
  writeFileSync(join(dir, 'kept'), 'kept');
  const { status, stdout, stderr } = run('appstream', '--module', 'my_nett', '-o', join(dir, 'kept'));
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain("--module my_nett: it has no aliases here; did you mean 'my_net'?");
  expect(readFileSync(join(dir, 'kept'), 'utf8')).toBe('kept');
});

test.each([
  [['deb'], "'deb'"],
  [['rpm-suse'], 'rpm-suse needs --package NAME'],
  [['rpm-suse', '--package', 'a:b'], "--package: found 'a:b'"],
  [['initramfs', '-d', '/nonexistent'], '/nonexistent'],
])('export %j: is status 2', (args, message) => {
  const { status, stdout, stderr } = run(...args);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});
