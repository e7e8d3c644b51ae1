import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'modalias-devices-'));
const sysfs = join(folder, 'sys');
const modules = join(folder, 'modules.alias');
const card = 'pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00';
const mouse = [
  'usb:v046DpC52Bd1201dc00dsc00dp00ic03isc01ip02in00',
  'usb:v046DpC52Bd1201dc00dsc00dp00ic09isc00ip00in01',
];

function file(path: string, text: string): void {
  mkdirSync(dirname(join(sysfs, path)), { recursive: true });
  writeFileSync(join(sysfs, path), text);
}

function link(path: string, to: string): void {
  mkdirSync(dirname(join(sysfs, path)), { recursive: true });
  symlinkSync(relative(dirname(join(sysfs, path)), join(sysfs, to)), join(sysfs, path));
}

beforeAll(() => {
  const pci = 'devices/pci0000:00/0000:00:03.0';
  file(`${pci}/modalias`, `${card}\n`);
  file(`${pci}/vendor`, '0x8086\n');
  file(`${pci}/device`, '0x10d3\n');
  file(`${pci}/net/eth0/address`, '');
  link('bus/pci/devices/0000:00:03.0', pci);
  link('class/net/eth0', `${pci}/net/eth0`);
  const usb = 'devices/pci0000:00/usb1/1-1';
  for (const [name, text] of Object.entries({ idVendor: '046d', idProduct: 'c52b', busnum: '1', devnum: '4' }))
    file(`${usb}/${name}`, `${text}\n`);
  mouse.forEach((modalias, i) => {
    file(`${usb}/1-1:1.${i}/modalias`, `${modalias}\n`);
    link(`bus/usb/devices/1-1:1.${i}`, `${usb}/1-1:1.${i}`);
  });
  link('bus/usb/devices/1-1', usb);
  file('devices/platform/INT33A1:00/modalias', 'acpi:INT33A1:\n');
  link('bus/platform/devices/INT33A1:00', 'devices/platform/INT33A1:00');
  writeFileSync(
    modules,
    [
      'alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e',
      'alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci',
      'alias usb:v*p*d*dc*dsc*dp*ic03isc*ip*in* usbhid',
      'alias acpi*:INT33A1:* pmc',
      'alias 1-1 a_module_of_that_very_name',
      '',
    ].join('\n'),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const lookup = (...args: string[]) => cli(['lookup', '-m', modules, '--sysfs', sysfs, ...args]);
const explain = (...args: string[]) => cli(['explain', '-m', modules, '--sysfs', sysfs, ...args]);
const LSPCI = '00:03.0 Ethernet controller [0200]: Intel Corporation 82574L [8086:10d3] (rev 02)';

test.each(['0000:00:03.0', '00:03.0', LSPCI])('lookup of %j reads the modalias of the device and says so', (asked) => {
  const run = lookup(asked);
  expect(run).toMatchObject({ status: 0, stdout: 'e1000e\n' });
  expect(run.stderr).toMatch(new RegExp(`^modalias: note: .*/0000:00:03.0 has the modalias ${card}\n$`));
});

test('lookup of a path in sysfs finds the device at it or around it', () => {
  const at = join(sysfs, 'bus/pci/devices/0000:00:03.0');
  for (const path of [at, `${at}/modalias`, join(sysfs, 'class/net/eth0'), '/sys/class/net/eth0', 'class/net/eth0'])
    expect(lookup(path)).toMatchObject({ status: 0, stdout: 'e1000e\n' });
  expect(lookup('/etc/passwd')).toMatchObject({ status: 2, stdout: '' });
});

test('lookup of a USB device answers for each of its interfaces, of an interface for that one', () => {
  const { status, stdout } = lookup('--json', 'Bus 001 Device 004: ID 046d:c52b Logitech, Inc.');
  expect(status).toBe(0);
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(answers.map(({ modalias, modules }) => [modalias, modules])).toEqual([
    [mouse[0], ['usbhid']],
    [mouse[1], []],
  ]);
  expect(answers[0].asked).toMatch(/^Bus 001/);
  expect(lookup('1-1:1.1')).toMatchObject({ status: 1, stdout: '' });
});

test('lookup takes what libkmod would find for that, whatever it looks like', () => {
  expect(lookup('1-1')).toMatchObject({ status: 0, stdout: 'a_module_of_that_very_name\n', stderr: '' });
});

test('lookup of the name of a device reads its modalias; --modprobe does not, and --prefix looks for that', () => {
  expect(lookup('INT33A1:00')).toMatchObject({ status: 0, stdout: 'pmc\n' });
  expect(lookup('--modprobe', '0000:00:03.0')).toMatchObject({ status: 1, stdout: '', stderr: '' });
  expect(lookup('--prefix', 'vfio', '00:03.0')).toMatchObject({ status: 0, stdout: 'vfio_pci\n' });
});

test('lookup of ids alone ends with status 2 and the way to ask', () => {
  const here = lookup('8086:10d3');
  expect(here).toMatchObject({ status: 2, stdout: '' });
  expect(here.stderr).toMatch(/is a pair of ids.* give its address: 0000:00:03.0\n$/);
  expect(lookup('8086:10d4').stderr).toContain("'pci:v00008086d000010D4sv*sd*bc*sc*i*'");
  expect(lookup(LSPCI.replace('10d3', '10d4')).stderr).toContain("'pci:v00008086d000010D4sv*sd*bc02sc00i*'");
  expect(JSON.parse(lookup('--json', '8086:10d4').stdout)).toMatchObject({ modules: [], problems: [{ code: 'ids' }] });
});

test('lookup of a device that is not there ends with status 2; the others are answered', () => {
  const run = lookup('00:1f.0', '00:03.0');
  expect(run).toMatchObject({ status: 2, stdout: 'e1000e\n' });
  expect(run.stderr).toMatch(/'00:1f.0' is a PCI address, but .* has no such device/);
  expect(lookup('--sysfs', join(folder, 'none'), '00:03.0')).toMatchObject({ status: 2, stdout: '' });
});

test('lookup understands lists of devices on standard input too', () => {
  const run = cli(['lookup', '-m', modules, '--sysfs', sysfs, '--with-input', '-'], { input: `${LSPCI}\nnone\n` });
  expect(run).toMatchObject({ status: 1, stdout: `${LSPCI}\te1000e\nnone\t-\n` });
});

test.each(['eth0', 'PNP0C0F', 'modules.alias', ''])('lookup of %j alone says that it is not a modalias', (word) => {
  const run = cli(['lookup', '-m', modules, '--sysfs', import.meta.dirname, word]);
  expect(run).toMatchObject({ status: 1, stdout: '' });
  expect(run.stderr).toMatch(
    /is not a modalias, and no module or device has this name; a modalias starts with its bus/,
  );
});

test('lookup of many names that nothing serves reads sysfs once', () => {
  const input = Array.from({ length: 50_000 }, (_, i) => `name${i}\n`).join('');
  const run = cli(['lookup', '-m', modules, '--sysfs', '/sys', '-'], { input, timeout: 20_000 });
  expect(run).toMatchObject({ status: 1, stdout: '', stderr: '' });
});

test('lookup refuses an empty -m', () => {
  expect(cli(['lookup', '--modules=', 'x']).stderr).toBe('modalias: error: --modules is given without a value\n');
});

test('lookup says of a modalias which fields it lacks, and when its digits are small', () => {
  expect(lookup('pci:v00008086d000010D3').stderr).toMatch(
    /note: .*truncated; it lacks subsystem vendor \(sv\), .*\(i\)\n$/,
  );
  expect(lookup('pci:v00008086d000010d3sv00000000').stderr).toMatch(
    /lower-case hexadecimal digits: write A to F in upper case/,
  );
});

test('lookup --with-input puts what was asked before each answer, and a dash where there is none', () => {
  expect(lookup('--with-input', card, 'none').stdout).toBe(`${card}\te1000e\nnone\t-\n`);
  expect(lookup('--with-input', '--all', card).stdout).toBe(
    `${card}\te1000e\talias\tpci:v00008086d000010D3sv*sd*bc*sc*i*\n`,
  );
  for (const other of ['--json', '--modprobe'])
    expect(lookup('--with-input', other, card).stderr).toContain(`--with-input and ${other} cannot be given together`);
});

test('explain of an address explains the modalias of the device, of a USB device those of its interfaces', () => {
  const run = explain('0000:00:03.0');
  expect(run.status).toBe(0);
  expect(run.stdout).toContain(`${card}\n`);
  expect(run.stderr).toContain('has the modalias');
  expect(explain('Bus 001 Device 004: ID 046d:c52b').stdout).toMatch(/ic03[\s\S]*\n\nusb:v046D.*ic09/);
  expect(explain('8086:10d4')).toMatchObject({ status: 2, stdout: '' });
  expect(JSON.parse(explain('--json', '8086:10d4').stdout)).toMatchObject({ problems: [{ code: 'ids' }] });
});
