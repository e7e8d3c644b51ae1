import { expect, test } from 'vitest';
import { runCommand } from '../../../src/boot/run/commands.ts';
import { memoryModules, memoryStage, said } from '../memory-stage.ts';

const stage = memoryStage(
  memoryModules({ vfio_pci: [], igb: [], e1000e: [] }, 'blacklist igb\ninstall e1000e modprobe vfio_pci\n'),
);
const run = (script: string) => said(runCommand(stage, script, { file: 'a.sh', line: null, rule: 'a.sh' }, 0));

test.each<[script: string, does: readonly string[]]>([
  ['modprobe igb', ['load igb']],
  ['modprobe -b igb', []],
  ['modprobe --use-blacklist igb', []],
  ['modprobe vfio-pci igb', ['load vfio_pci']],
  ['modprobe -a vfio-pci igb', ['load vfio_pci', 'load igb']],
  ['modprobe vfio-pci disable_vga=1 ids=1:2', ['load vfio_pci ids=1:2']],
  ['modprobe e1000e', ['load vfio_pci']],
  ['modprobe -i e1000e', ['load e1000e']],
  ['modprobe -r igb vfio-pci', ['unload igb', 'unload vfio-pci']],
  ['modprobe -n igb; modprobe -R igb; modprobe --show-depends igb', []],
  ['insmod /lib/modules/x/igb.ko.xz', ['load igb']],
  ['rmmod igb', ['unload igb']],
  ["sh -c 'modprobe igb'", ['load igb']],
  ['exec nice /sbin/modprobe igb', ['load igb']],
])('runCommand: %s', (script, does) => {
  expect(run(script)).toEqual(does);
});

test('runCommand follows a script in a script in a script, eight deep', () => {
  const deep = (levels: number): string => {
    let script = 'modprobe igb';
    for (let i = 0; i < levels; i++) script = `sh -c '${script.replaceAll("'", "'\\''")}'`;
    return script;
  };
  expect([run(deep(8)), run(deep(9))]).toEqual([['load igb'], []]);
});

test('runCommand follows functions 30 deep, and a script of 20,000 commands', () => {
  const called = (deep: number) => {
    const functions = Array.from({ length: deep }, (_, i) => `f${i}() { f${i + 1}; }`);
    return run(`${functions.join('\n')}\nf${deep}() { modprobe igb; }\nf0`);
  };
  expect(called(29)).toEqual(['load igb']);
  expect(called(30)).not.toEqual(['load igb']);
  const after = (commands: number) => run(`${':\n'.repeat(commands)}modprobe igb`);
  expect([after(19_999), after(20_000)]).toEqual([['load igb'], []]);
});

test('runCommand knows a text whose parts before the last have 65,536 characters', () => {
  const compared = (length: number) => {
    const text = 'x'.repeat(length);
    return run(`a=${text}; b=y; case $a$b in ${text}y) modprobe igb;; *) rmmod igb;; esac`);
  };
  expect(compared(65_536)).toEqual(['load igb']);
  expect(compared(65_537)).not.toEqual(['load igb']);
});

test.each<[script: string, does: readonly string[]]>([
  ['false && modprobe igb', []],
  ['false || modprobe igb', ['load igb']],
  ['true || modprobe igb', []],
  ['false || true && modprobe igb', ['load igb']],
  ['if false; then modprobe igb; else rmmod igb; fi', ['unload igb']],
  ['! true || modprobe igb', ['load igb']],
  ['f() { exit; }; f; modprobe igb', []],
  ['f() { return; modprobe igb; }; f; rmmod igb', ['unload igb']],
  ['exit; modprobe igb', []],
])('runCommand knows how commands end that have no choice: %s', (script, does) => {
  expect(run(script)).toEqual(does);
});

test('runCommand: echo and printf write their words to files of sysfs, with a line feed unless it is left out', () => {
  const written = (script: string) =>
    runCommand(stage, script, { file: 'a.sh', line: null, rule: 'a.sh' }, 0).flatMap(({ event }) =>
      typeof event !== 'function' && event.kind === 'write' ? `${event.path} ${JSON.stringify(event.data)}` : [],
    );
  const file = 'bus/pci/devices/0000:01:00.0/driver_override';
  const to = (data: string) => [`${file} ${JSON.stringify(data)}`];
  expect(written(`echo a b > /sys/${file}`)).toEqual(to('a b\n'));
  expect(written(`echo -n 1 > /sys/${file}`)).toEqual(to('1'));
  expect(written(`echo -ne 1 > /sys/${file}`)).toEqual(to('1'));
  expect(written(`echo -e 1 > /sys/${file}`)).toEqual(to('1\n'));
  expect(written(`printf '%s %s\\n' a b > /sys/${file}`)).toEqual(to('a b\n'));
  expect(written(`echo 8086 2 > /sys/${file}`)).toEqual(to('8086 2\n'));
  expect([written(`echo 1 2>/dev/null > /sys/${file}`), written(`echo 1 1>/sys/${file}`)]).toEqual([
    to('1\n'),
    to('1\n'),
  ]);
  expect([written(`echo 1 2> /sys/${file}`), written('echo 1 > /tmp/x')]).toEqual([[], []]);
});
