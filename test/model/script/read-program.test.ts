import { describe, expect, test } from 'vitest';
import { makeDevice } from '../../../src/driver-core/index.ts';
import { ModaliasError } from '../../../src/errors.ts';
import { readProgram } from '../../../src/model/script/read-program.ts';
import { runAlone, twoLikeNics } from './machine.ts';

const DEV = '0000:01:00.0';

/** What a file does: its events as text, and what of it is not read. */
function done(text: string, file: string) {
  const program = readProgram(text, file);
  const { lines, status, kernel } = runAlone(program, twoLikeNics());
  const unread = program.unread.map(({ place, text }) => `${place.line}: ${text}`);
  return { acts: lines.filter((line) => !line.endsWith(': read')), status, unread, kernel };
}

describe('readProgram: udev rules', () => {
  test('write attributes of the devices that match, without a newline, and run what RUN names after all rules', () => {
    const rules = [
      '# by address',
      `ACTION=="add", SUBSYSTEM=="pci", KERNEL=="${DEV}", RUN{builtin}+="kmod load vfio-pci", \\`,
      '  ATTR{vendor}=="0x8086"',
      `SUBSYSTEM=="pci", KERNEL=="${DEV}", ATTR{driver_override}="vfio-pci"`,
    ].join('\n');
    expect(done(rules, 'x.rules').acts).toEqual([
      `4: "vfio-pci" > bus/pci/devices/${DEV}/driver_override -> ok`,
      '2: load vfio-pci -> ok',
    ]);
  });

  test.each([
    ['KERNEL=="0000:0[12]:00.0"', 2],
    ['KERNEL=="*:01:*|nothing"', 1],
    ['KERNEL!="0000:01:00.0"', 1],
    ['SUBSYSTEM=="usb"', 0],
    ['ACTION=="remove"', 0],
    ['ATTR{class}=="0x02*", ATTR{device}=="0x10d3"', 2],
    ['ATTR{boot_vga}=="1"', 0],
    ['DRIVER=="e1000e"', 2],
    ['ENV{MODALIAS}=="pci:v00008086*"', 2],
    ['ENV{PCI_SLOT_NAME}=="0000:02:00.0"', 1],
    ['ENV{x}=="", ENV{x}="1", ENV{x}!=""', 0],
    ['TEST=="driver_override", TEST!="boot_vga"', 2],
    ['TEST=="/sys/bus/pci/drivers/e1000e"', 2],
    ['PROGRAM=="/bin/echo %k", RESULT=="0000:02:00.0"', 1],
  ])('%s matches %i of two cards', (matches, count) => {
    expect(done(`${matches}, ATTR{driver_override}="x"`, 'x.rules').acts).toHaveLength(count);
  });

  test('substitutions, GOTO, LABEL, and RUN that a later = takes back', () => {
    const rules = [
      'KERNEL!="0000:01:00.0", GOTO="end"',
      `RUN+="/bin/sh -c 'echo $kernel > /sys/bus/pci/drivers_probe'"`,
      `RUN="/bin/sh -c 'echo 100%% $$((1+1)) %s{vendor} > /sys%p/driver_override'"`,
      'LABEL="end"',
    ].join('\n');
    expect(done(rules, 'x.rules').acts).toEqual([
      `3: "100% 2 0x8086\\n" > devices/pci0000:01/${DEV}/driver_override -> ok`,
    ]);
  });

  test.each([
    'ATTRS{vendor}=="0x8086", ATTR{driver_override}="x"',
    'IMPORT{program}="/bin/x", ATTR{driver_override}="x"',
    'KERNEL==i"x", ATTR{driver_override}="x"',
    'nonsense',
  ])('%s is named as not understood', (rule) => {
    const { acts, unread } = done(`\n${rule}\n`, 'x.rules');
    expect(acts).toEqual([]);
    expect(unread).toHaveLength(1);
    expect(unread[0]).toMatch(/^2: /);
  });
});

describe('readProgram: modprobe.d', () => {
  test('loads what it names, with softdeps and options, in its order', () => {
    const text = 'options vfio-pci ids=8086:10d3\nsoftdep e1000e pre: vfio-pci post: pci_stub\nblacklist nouveau\n';
    expect(done(text, 'x.conf')).toMatchObject({
      acts: ['1: load vfio_pci -> ok', '2: load vfio-pci -> ok', '2: load e1000e -> ok', '2: load pci_stub -> ok'],
      unread: [],
      status: 0,
    });
  });

  test('what a weakdep names is not loaded', () => {
    expect(done('weakdep vfio-pci pci_stub\n', 'x.conf').acts).toEqual(['1: load vfio_pci -> ok']);
  });

  test('an install command runs instead', () => {
    const text =
      'install pci-stub /sbin/modprobe --ignore-install pci-stub $CMDLINE_OPTS; echo 1 > /sys/bus/pci/rescan\n';
    expect(done(text, 'x.conf').acts).toEqual(['1: load pci-stub -> ok', '1: "1\\n" > bus/pci/rescan -> ok']);
  });

  test.each([
    ['nonsense here', /^1: libkmod ignores/],
    ['install a modprobe vfio-pci; modprobe --ignore-install a\noptions vfio-pci ids=1:2', /^1: .*has options here/],
    ['install a frobnicate', /frobnicate/],
  ])('%s: is named as not understood', (text, why) => {
    const { unread, acts } = done(text, 'x.conf');
    expect([...unread, ...acts].join('\n')).toMatch(why);
  });
});

describe('readProgram: plans', () => {
  const write = (path: string, data: string) => ({ op: 'write', device: DEV, path: `bus/pci/${path}`, data });
  const plan = {
    version: 1,
    steps: [
      { op: 'modprobe', module: 'vfio-pci', bus: 'pci', driver: 'vfio-pci', vfio: true },
      write(`devices/${DEV}/driver_override`, 'vfio-pci\n'),
      write('drivers/e1000e/unbind', `${DEV}\n`),
      write('drivers/vfio-pci/bind', `${DEV}\n`),
      { op: 'verify', device: DEV, path: `bus/pci/devices/${DEV}/driver`, driver: 'vfio-pci' },
    ],
    rollback: [
      write(`devices/${DEV}/driver_override`, '\n'),
      write('drivers/vfio-pci/unbind', `${DEV}\n`),
      write('drivers/e1000e/bind', `${DEV}\n`),
      { op: 'verify', device: DEV, path: `bus/pci/devices/${DEV}/driver`, driver: 'e1000e' },
    ],
  };

  test('run their steps, and read the driver back', () => {
    const { acts, status, kernel } = done(JSON.stringify(plan), 'plan.json');
    expect(acts).toHaveLength(4);
    expect(status).toBe(0);
    expect(kernel.devices[0]?.driver).toBe('vfio-pci');
  });

  test('a bind is left out where the device has the driver already', () => {
    const twice = { ...plan, steps: [...plan.steps, plan.steps[3]] };
    expect(done(JSON.stringify(twice), 'plan.json').acts).toHaveLength(4);
  });

  test('a step that fails is followed by the rollback, and status 3', () => {
    const steps = plan.steps.map((step) =>
      step.op === 'write' && 'path' in step && step.path.endsWith('vfio-pci/bind')
        ? { ...step, path: 'bus/pci/drivers/none/bind' }
        : step,
    );
    const { status, kernel } = done(JSON.stringify({ ...plan, steps }), 'plan.json');
    expect(status).toBe(3);
    expect(kernel.devices[0]).toMatchObject({ driver: 'e1000e', override: null });
  });

  test('functions that are waited for are looked for', () => {
    const steps = [{ op: 'functions', device: DEV, path: 'x', functions: ['0000:02:00.0'] }];
    expect(done(JSON.stringify({ steps, rollback: [] }), 'plan.json').status).toBe(0);
    const missing = [{ ...steps[0], functions: ['0000:09:00.0'] }];
    expect(done(JSON.stringify({ steps: missing, rollback: [] }), 'plan.json').status).toBe(3);
  });

  test.each([
    [{ steps: 1, rollback: [] }, '/steps'],
    [{ steps: [{ op: 'write', path: 'x' }], rollback: [] }, '/steps/0'],
    [{ steps: [], rollback: [{ op: 'burn' }] }, '/rollback/0'],
    [{ steps: [{ op: 'functions', device: 'x', path: 'x' }], rollback: [] }, '/steps/0'],
  ])('%j is refused, with the place', (document, pointer) => {
    try {
      readProgram(JSON.stringify(document), 'plan.json');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ModaliasError);
      expect(error).toMatchObject({ code: 'bad-value', place: { file: 'plan.json', pointer } });
    }
  });
});

test('readProgram: a recipe is read as one', () => {
  const recipe = { version: 1, events: [{ kind: 'write', path: 'bus/pci/rescan', data: '1' }] };
  expect(done(JSON.stringify(recipe), 'x.json').acts).toEqual(['1: "1" > bus/pci/rescan -> ok']);
});

test('readProgram: a device of another bus is looked at where a rule names its subsystem', () => {
  const kernel = twoLikeNics();
  const platform = makeDevice('platform', 'fff51000.ethernet');
  const state = {
    ...kernel,
    buses: [...kernel.buses, { name: 'platform', autoprobe: true }],
    devices: [...kernel.devices, platform],
  };
  const rules = 'SUBSYSTEM=="platform", KERNEL=="fff51000.ethernet", ATTR{driver_override}="vfio-platform"\n';
  const { lines } = runAlone(readProgram(rules, 'x.rules'), state);
  expect(lines.filter((line) => !line.endsWith('read'))).toEqual([
    '1: "vfio-platform" > bus/platform/devices/fff51000.ethernet/driver_override -> ok',
  ]);
});

test.each([
  ['a recipe', 'x.json', `{"version": 1, "events": [${'{"kind": "load", "module": "vfio-pci"}, '.repeat(30_000)}]}`],
  ['udev rules', 'x.rules', 'ACTION=="add"\n'.repeat(100_000)],
  ['modprobe.d', 'x.conf', 'blacklist nouveau\n'.repeat(100_000)],
  ['modprobe.d that loads much', 'x.conf', 'options vfio-pci ids=8086:10d3\n'.repeat(1001)],
])('readProgram: %s that is too long is refused at once', (_, file, text) => {
  expect(() => readProgram(text, file)).toThrow(expect.objectContaining({ code: 'bad-script' }));
});
