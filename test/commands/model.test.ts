import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { REPORT_FORMATS } from '../../src/report/formats/formats.ts';
import { readMachine } from '../fake-root.ts';
import { cli } from '../support/cli.ts';
import { machineRoot } from '../vfio/machine-root.ts';

const dir = mkdtempSync(join(tmpdir(), 'modalias-model-'));
afterAll(() => rmSync(dir, { recursive: true }));

const recipe = (name: string) => `samples/recipes/${name}.json`;
const check = (name: string, ...args: string[]) =>
  cli(['model', 'check', recipe(name), ...(args.includes('--machine') ? [] : ['--machine', 'two-like-nics']), ...args]);

test('model check: exits with 0 for safe, 1 for a violation, 2 if the verdict is unknown', () => {
  expect(check('override-bind')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^6\.12: safe, \d+ states, about 0000:01:00\.0\n$/),
  });
  expect(check('new-id')).toMatchObject({ status: 1, stdout: expect.stringContaining('6.12: unsafe (4 violations)') });
  expect(check('override-bind', '--most-states', '20')).toMatchObject({
    status: 2,
    stdout: expect.stringContaining('not certain: only the first 20 states were explored'),
  });
});

test('model check: --kernel takes several releases, --ends and --never replace the usual properties', () => {
  const { stdout, status } = check(
    'new-id',
    '--kernel',
    '6.1,6.12',
    '--never',
    'twin on vfio-pci',
    '--while',
    'hotplug',
  );
  expect(status).toBe(1);
  expect(stdout.match(/^6\.\d+: .*/gm)).toEqual([
    expect.stringMatching(/^6\.1: never: a device is never/),
    expect.stringMatching(/^6\.12: never: a device is never/),
    expect.stringMatching(/^6\.1: unsafe \(1 violation\), \d+ states/),
    expect.stringMatching(/^6\.12: unsafe \(1 violation\), \d+ states/),
  ]);
  expect(check('override-bind', '--ends', '01:00.0 on vfio-pci', '--while', 'none').status).toBe(0);
  expect(check('override-bind', '--ends', '01:00.0 on e1000e', '--while', 'none').status).toBe(1);
});

test.each([
  [['--while', 'hotplugs'], "--while: found 'hotplugs', expected hotplug, load, unload, probe"],
  [['--most-states', '0'], "--most-states: found '0', expected a number from 1"],
  [['--never', 'x'], "--never: found 'x', expected 'DEVICE on DRIVER' or 'DEVICE stranded'"],
  [['--ends', '01:00.0 stranded'], "expected 'DEVICE on DRIVER'"],
  [['--ends', '09:00.0 on none'], "found '09:00.0', expected a device of the machine (0000:01:00.0, 0000:02:00.0"],
  [['--machine', 'two-like-nic'], 'is neither a file nor a directory nor one of two-like-nics'],
  [['--kernel', '6.x'], "'6.x' is not a kernel release"],
])('model check: refuses %j', (args, message) => {
  expect(check('new-id', ...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
});

test('model check: takes a recorded machine, a sysfs and a folder with sys and proc', () => {
  const root = machineRoot('viommu-guest');
  const file = join(dir, 'machine.json');
  writeFileSync(file, JSON.stringify(readMachine('viommu-guest')));
  const card = readMachine('viommu-guest').devices.find((one) => one.driver && one.driver !== 'pcieport')!;
  const name = card.path.slice(card.path.lastIndexOf('/') + 1);
  const events = [{ kind: 'write', path: `bus/pci/devices/${name}/driver_override`, data: 'vfio-pci\n' }];
  const own = join(dir, 'own.json');
  writeFileSync(own, JSON.stringify({ version: 1, events }));
  for (const machine of [file, root.sysfs, root.directory]) {
    const { stdout, status } = cli(['model', 'check', own, '--machine', machine, '--while', 'second-run']);
    expect([machine, status, stdout]).toEqual([machine, 0, expect.stringContaining(`about ${name}`)]);
  }
  expect(cli(['model', 'check', own, '--machine', dir]).stderr).toContain(
    'expected a sysfs, or a directory with sys and proc',
  );
});

test.each(Object.keys(REPORT_FORMATS))('model check: writes its report as %s', (format) => {
  const output = join(dir, `report.${format}`);
  const { status, stderr } = check('new-id', '--format', format, '-o', output);
  expect([status, stderr]).toEqual([1, '']);
  expect(readFileSync(output, 'utf8')).toMatch(/third-device/);
});

test('model run: shows each step, its result and where the devices are, and ends with the status of the program', () => {
  const run = (name: string, ...args: string[]) =>
    cli(['model', 'run', recipe(name), '--machine', 'two-like-nics', ...args]);
  const good = run('override-bind');
  expect(good.status).toBe(0);
  expect(good.stdout).toContain('0000:01:00.0: vfio-pci\nends with status 0\n');
  const bad = run('bind-alone');
  expect([bad.status, bad.stdout]).toEqual([1, expect.stringContaining('-> ENODEV')]);
  expect(bad.stdout).toContain('ends with status 1\n');
  const parted = run('bind-alone', '--policy', 'mainline,2014-sysfs-bind-only');
  expect([parted.status, parted.stdout]).toEqual([
    1,
    expect.stringContaining('mainline and 2014-sysfs-bind-only part at step 3:'),
  ]);
  expect(run('override-bind', '--policy', 'mainline,2014-sysfs-bind-only').status).toBe(0);
  expect(run('override-bind', '--policy', 'mainlin').stderr).toContain("did you mean 'mainline'?");
  expect(run('override-bind', '--kernel', '6.1,6.12').stderr).toContain('expected one kernel, and one policy or two');
});

test('model check -m: the files of a kernel say which drivers match; without them it is tried both ways', () => {
  const name = '0000:00:05.0';
  const machine = join(dir, 'unbound.json');
  const modalias = 'pci:v00008086d000010D3sv00000000sd00000000bc02sc00i00';
  writeFileSync(
    machine,
    JSON.stringify({
      version: 1,
      name: 'unbound',
      release: '6.12',
      drivers: { pci: { e1000e: 'e1000e', igb: 'igb' } },
      devices: [{ path: `a/${name}`, bus: 'pci', group: '1', attributes: { class: '0x020000', modalias } }],
    }),
  );
  const probe = join(dir, 'probe.json');
  const events = [{ kind: 'write', path: 'bus/pci/drivers_probe', data: name }];
  writeFileSync(probe, JSON.stringify({ version: 1, events }));
  const aliases = join(dir, 'modules.alias');
  writeFileSync(aliases, 'alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e\n');
  const never = (...args: string[]) =>
    cli(['model', 'check', probe, '--machine', machine, '--while', 'none', '--never', `${name} on igb`, ...args]);
  expect(never()).toMatchObject({ status: 1, stdout: expect.stringContaining(`${name} is on igb`) });
  expect(never('-m', aliases)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^6\.12: safe/m) });
});
