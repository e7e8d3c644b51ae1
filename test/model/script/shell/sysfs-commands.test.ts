import { opendirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BUILT_IN_MACHINES } from '../../../../src/model/machines/built-in.ts';
import { kernelState } from '../../../../src/model/machines/kernel-state.ts';
import { inSysfsOrder } from '../../../../src/model/script/sysfs-order.ts';
import { shellProgram } from '../../../../src/model/script/shell-program.ts';
import { runAlone } from '../machine.ts';

const GPU = '/sys/devices/pci0000:01/0000:01:00.0';

/** What a text prints on a machine; null where it is not followed to its end. */
function printed(text: string, machine = 'gpu-with-audio'): string | null {
  const script = `out=$(${text}\n)\nprintf '%s' "$out" > /sys/bus/pci/rescan\n`;
  const { events, status } = runAlone(shellProgram(script, 'x'), kernelState(BUILT_IN_MACHINES[machine]!.machine));
  const written = events.flatMap((event) =>
    event.kind === 'write' && event.path === 'bus/pci/rescan' ? [event.data] : [],
  );
  return status === null ? null : written.join('');
}

/** What a text does to the kernel on a machine, each with its result. */
function done(text: string, machine = 'gpu-with-audio'): readonly string[] {
  const { lines } = runAlone(shellProgram(text, 'x'), kernelState(BUILT_IN_MACHINES[machine]!.machine));
  return lines.filter((line) => / -> | unread /.test(line)).map((line) => line.replace(/^\d+: /, ''));
}

test('inSysfsOrder: names come as the running kernel lists them', () => {
  for (const path of ['/sys/bus', '/sys/class', '/sys/devices', '/sys/bus/pci/drivers', '/sys/module']) {
    const listed = readdirOrder(path);
    expect(inSysfsOrder(listed.toSorted())).toEqual(listed);
  }
});

describe('shellProgram: find', () => {
  test.each<[words: string, printed: string]>([
    ['/sys/devices/pci* -name boot_vga', `${GPU}/boot_vga`],
    ['/sys/devices/ -name boot_vga -print', `${GPU}/boot_vga`],
    ['/sys -name boot_vga', `${GPU}/boot_vga`],
    [`${GPU}/ -name boot_vga`, `${GPU}/boot_vga`],
    ['/sys/bus/pci/devices -maxdepth 1 -type l -name "0000:01:*" -printf "%f\\n" | sort', '0000:01:00.0\n0000:01:00.1'],
    ['/sys/bus/pci/devices -name "0000:00:*"', '/sys/bus/pci/devices/0000:00:1f.3'],
    [
      '/sys/kernel/iommu_groups/ -type l | sort',
      ['1/devices/0000:01:00.0', '1/devices/0000:01:00.1', '9/devices/0000:00:1f.3']
        .map((one) => `/sys/kernel/iommu_groups/${one}`)
        .join('\n'),
    ],
    ['/sys/kernel/iommu_groups -mindepth 1 -maxdepth 1 -type d ! -name 9', '/sys/kernel/iommu_groups/1'],
    [
      '-L /sys/bus/pci/devices -mindepth 2 -maxdepth 2 -name class -type f -exec dirname {} \\; | sort',
      ['0000:00:1f.3', '0000:01:00.0', '0000:01:00.1'].map((one) => `/sys/bus/pci/devices/${one}`).join('\n'),
    ],
    ['/sys/bus/pci/devices -name "0000:01:00.*" -exec basename -a {} + | sort', '0000:01:00.0\n0000:01:00.1'],
    ['/sys/bus/pci/devices/0000:01:00.0 -name boot_vga', ''],
    ['/sys/bus/pci/nothing -name x; echo $?', '1'],
    ['/sys/bus/pci/devices -name "0000:01:00.*" -quit | wc -l', '0'],
    ['/sys/bus/pci/devices -name "0000:01:00.*" -print -quit | wc -l', '1'],
  ])('%s prints what is there', (words, expected) => {
    expect(printed(`find ${words}`)).toBe(expected);
  });

  test('lists several in the order of sysfs, which is not that of their names', () => {
    const all = ['0000:00:1f.3', '0000:01:00.0', '0000:01:00.1'];
    expect(printed('find /sys/bus/pci/devices -type l -printf "%f\\n"')).toBe(inSysfsOrder(all).join('\n'));
  });

  test('runs its command for each', () => {
    expect(
      done("find /sys/bus/pci/devices -name '0000:01:00.0' -exec sh -c 'echo vfio-pci > $1/driver_override' sh {} \\;"),
    ).toEqual(['"vfio-pci\\n" > bus/pci/devices/0000:01:00.0/driver_override -> ok']);
  });

  test.each(['/sys/devices -name power', '/sys/bus/pci/devices -newer x', '/sys/class -name dmar0'])(
    '%s is not guessed',
    (words) => {
      const lines = done(`for i in $(find ${words}); do echo x > $i/y; done; find ${words} -exec cat {} \\;`);
      expect(lines.join()).toMatch(/unread find/);
    },
  );
});

describe('shellProgram: xargs', () => {
  test('quotes in its input, and commands that are not known, are not read', () => {
    expect(done(`echo "'a b'" | xargs echo > /sys/bus/pci/rescan`).join()).toMatch(/unread .*an input with quotes/);
    expect(done('lsblk | xargs rm').join()).toMatch(/unread .*an input that is not known/);
  });
});

describe('shellProgram: virsh', () => {
  const detached = (device: string) => [
    `"vfio-pci" > bus/pci/devices/${device}/driver_override -> ok`,
    `"${device}" > bus/pci/devices/${device}/driver/unbind -> ok`,
    `"${device}" > bus/pci/drivers_probe -> ok`,
  ];

  test('nodedev-detach writes the override, unbinds and probes, once', () => {
    const detach = 'virsh -c qemu:///system nodedev-detach pci_0000_01_00_1';
    expect(done(`${detach}; ${detach}`)).toEqual(detached('0000:01:00.1'));
  });

  test('nodedev-detach loads vfio-pci where it is not loaded', () => {
    expect(done('modprobe -r vfio-pci; virsh nodedev-detach pci_0000_01_00_1').slice(0, 3)).toEqual([
      'unload vfio-pci -> ok',
      'load vfio-pci -> ok',
      detached('0000:01:00.1')[0],
    ]);
  });

  test('nodedev-reattach clears the override and gives the device back', () => {
    const lines = done('virsh nodedev-detach pci_0000_01_00_1; virsh nodedev-reattach --device pci_0000_01_00_1');
    expect(lines.slice(3)).toEqual([
      '"\\n" > bus/pci/devices/0000:01:00.1/driver_override -> ok',
      '"0000:01:00.1" > bus/pci/devices/0000:01:00.1/driver/unbind -> ok',
      '"0000:01:00.1" > bus/pci/drivers_probe -> ok',
    ]);
  });

  test('of a device that is not there it fails', () => {
    expect(printed('virsh nodedev-detach pci_0000_09_00_0; echo $?; virsh nodedev-detach usb_1_2; echo $?')).toBe(
      '1\n1',
    );
  });
});

describe('shellProgram: lspci', () => {
  const [board, gpu, audio] = ['00:1f.3 0403: 8086:a170', '01:00.0 0300: 10de:1b80', '01:00.1 0403: 10de:10f0'];

  test.each<[words: string, printed: readonly string[]]>([
    ['-n', [board, gpu, audio]],
    ['-n -s 01:00.0', [gpu]],
    ['-ns 1:0.1', [audio]],
    ['-n -s01:00', [gpu, audio]],
    ['-n -s .3', [board]],
    ['-n -s 0000:01:', [gpu, audio]],
    ['-nd 10de:', [gpu, audio]],
    ['-n -d10DE:10f0', [audio]],
    ['-n -d ::0403', [board, audio]],
    ['-n -s 09:00.0', []],
    ['-Dn -d 8086:', [`0000:${board}`]],
  ])('%s prints numbers of the devices that are asked for', (words, expected) => {
    expect(printed(`lspci ${words}`)).toBe(expected.join('\n'));
  });

  test.each([
    ['-nn -D | grep -i nvidia | cut -d" " -f1', '0000:01:00.0\n0000:01:00.1'],
    ['| grep -i "vga.*nvidia" | awk \'{print $1}\'', '01:00.0'],
    ['-nn | grep "\\[0403\\]" | grep -c NVIDIA', '1'],
    ['| grep -e VGA -e Audio | head -n 2 | tail -1 | cut -f1 -d" "', '01:00.0'],
    ['| grep -i audio | wc -l', '2'],
    ['| while read -r slot kind rest; do echo "$slot $kind"; done | tail -1', '01:00.1 Audio'],
  ])('%s: what names say is known of vendors and classes', (words, expected) => {
    expect(printed(`lspci ${words}`)).toBe(expected);
  });

  test('whether another part of a line has a word is a fact of the machine', () => {
    const program = shellProgram('lspci | grep -qi radeon && exit 3', 'x');
    const kernel = kernelState(BUILT_IN_MACHINES['gpu-with-audio']!.machine);
    const first = program.next(program.start, kernel);
    const second = first.kind === 'read' ? program.next(first.then, kernel) : first;
    expect(second).toMatchObject({ kind: 'choice', fact: "lspci's line of 00:1f.3 has no 'radeon'" });
  });

  test.each(['-k', '-v', '-nn -x', '-s 1:2:3:4', '-d 8086'])('%s: is not known', (words) => {
    expect(done(`lspci ${words} > /sys/bus/pci/rescan`).join()).toMatch(/a text that is not known/);
  });
});

test('shellProgram: setpci prints the type of a header as the class has it, with or without several functions', () => {
  const text =
    'for d in 01:00.0 0000:01:00.1; do [ $(( 0x$(setpci -s $d HEADER_TYPE) & 0x7f )) -eq 0 ] || exit 3; done';
  expect(done(text)).toEqual([]);
  expect(printed(`${text}; echo fine`)).toBe('fine');
  expect(printed('[ "$(setpci -s 00:1f.3 HEADER_TYPE)" = 00 ] && echo one')).toBe('one');
  expect(done('setpci -s 01:00.0 COMMAND=0').join()).toMatch(/unread setpci/);
});

test('shellProgram: the file of a group is there while a VFIO driver has one of its devices', () => {
  const look = '[ -e /dev/vfio/1 ]; echo $?; [ -c /dev/vfio/9 ]; echo $?';
  expect(printed(`${look}; virsh nodedev-detach pci_0000_01_00_1; ${look}`)).toBe('1\n1\n0\n1');
});

test('shellProgram: lists of /sys/class/iommu are not empty on a machine with groups', () => {
  expect(printed('[ -z "$(ls -A /sys/class/iommu)" ]; echo $?')).toBe('1');
});

test('shellProgram: what stands at an address of PCI where no function is, is known', () => {
  expect(printed(`[ -d ${GPU.replace(/0$/, '7')} ]; echo $?`)).toBe('1');
});

test('shellProgram: boot_vga is 0 or 1, the same whenever it is read, and of display controllers that are VGA only', () => {
  const program = shellProgram(`[ "$(cat ${GPU}/boot_vga)" = "$(cat ${GPU}/boot_vga)" ] && exit 3`, 'x');
  const kernel = kernelState(BUILT_IN_MACHINES['gpu-with-audio']!.machine);
  const step = program.next(program.start, kernel);
  expect(step).toMatchObject({
    kind: 'choice',
    ways: [{ text: `${GPU}/boot_vga reads 0` }, { text: `${GPU}/boot_vga reads 1` }],
  });
  expect(runAlone(program, kernel).status).toBe(3);
  const other = kernel.devices.map((one) => ({ ...one, pci: one.pci && { ...one.pci, class: 0x030200 } }));
  expect(runAlone(shellProgram(`[ -e ${GPU}/boot_vga ]`, 'x'), { ...kernel, devices: other }).status).toBe(1);
});

/** Names in the order in which readdir gives them; readdirSync sorts them. */
function readdirOrder(path: string): string[] {
  const directory = opendirSync(path);
  const names: string[] = [];
  for (let one = directory.readSync(); one; one = directory.readSync()) names.push(one.name);
  directory.closeSync();
  return names;
}

test.each([
  'grep -n x',
  'grep -A1 x',
  'head -c 4',
  'uniq -c',
  'cat -n',
  'basename -s .x a.x',
  'realpath --relative-to=/ /x',
  'tail -c 3',
])('shellProgram: an option that is not known is not left out of account: %s', (command) => {
  expect(done(`echo x | ${command} > /sys/bus/pci/rescan`).join()).toMatch(/^unread /);
});

test('shellProgram: what ls prints in another order than that of names is not known', () => {
  expect(done('for i in $(ls -t /sys/bus/pci/devices); do echo x > /sys/$i; done').join()).toMatch(/^unread|^$/);
  expect(printed('ls -1 /sys/bus/pci/devices | head -1')).toBe('0000:00:1f.3');
});

describe('shellProgram: text that is not known', () => {
  const uncounted = 'into how many words a text is split that is not known';
  test.each([
    ['set -- $(lsusb)', uncounted],
    ['f() { :; }\nf $(hostname) $(date)', uncounted],
    ['a=($(lsusb))', uncounted],
    ['a=(1); a+=(x $(lsusb))', uncounted],
    ['mapfile -t a < <(lsusb)', 'how many lines a text has that is not known'],
    ["echo a | tr a '\\0'", "tr a '"],
    ["echo a | tr '[:alnum:]' x", "tr '[:alnum:]'"],
    ['#!/bin/sh\nprintf -v x 5', 'printf -v x 5'],
    ['printf %d 08', "printf %d of '08'"],
    ['which sh foo', 'a search for several programs at once'],
    ['timeout 5 sh -c "while :; do sleep 1; done"', 'timeout 5 sh -c'],
  ])('%s: is not taken for one word', (text, why) => {
    expect(done(text).find((line) => line.includes('unread'))).toContain(why);
  });

  test.each([
    ['set -- "$(hostname)"; echo $#', '1'],
    ['f() { echo $#; }; f "$(hostname)"', '1'],
    ['x=$(hostname); echo a b', 'a b'],
    ['timeout 5 echo x', 'x'],
  ])('%s: is one word', (text, expected) => {
    expect(printed(text)).toBe(expected);
  });

  test('readlink and realpath of what is not known may fail', () => {
    const choices = (text: string) => done(`if ${text}; then echo 1; else echo 0; fi > /sys/bus/pci/rescan`);
    expect(choices('readlink /etc/foo')).not.toEqual(choices('true'));
    expect(choices('readlink "$(hostname)"')).not.toEqual(choices('true'));
    expect(choices('realpath -e /etc/foo')).not.toEqual(choices('true'));
  });

  test.each([
    'modprobe -n foo',
    'udevadm info /sys/foo',
    "awk '/x/{f=1} END{exit !f}' /proc/modules",
    'lsusb | sed -n /x/q1',
  ])('%s: may fail', (text) => {
    const choices = (text: string) => done(`if ${text}; then echo 1; else echo 0; fi > /sys/bus/pci/rescan`);
    expect(choices(text)).not.toEqual(choices('true'));
  });
});
