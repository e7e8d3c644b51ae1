import { expect, test } from 'vitest';
import type { StageName } from '../../../src/boot/run/stage.ts';
import type { Task } from '../../../src/boot/run/task.ts';
import { dracutTasks } from '../../../src/boot/stages/dracut.ts';
import { initramfsToolsTasks } from '../../../src/boot/stages/initramfs-tools.ts';
import { systemdTasks } from '../../../src/boot/stages/systemd.ts';
import { memoryModules, memoryStage, said } from '../memory-stage.ts';

const MODULES = memoryModules({ a: [], b: [], c: [], d: [], e: [] });

function stageOf(texts: Readonly<Record<string, string>>, commandLine = '', name: StageName = 'root') {
  return { ...memoryStage(MODULES, texts, commandLine), name };
}

/** Each task with what it does. */
const shown = (tasks: readonly Task[]) =>
  tasks.map(({ name, steps }) => `${name}: ${said(steps.filter((step) => step.kind === 'act')).join(', ')}`);

const UNITS = 'usr/lib/systemd/system';
const LOAD = 'systemd-modules-load.service';
const systemd = {
  [`${UNITS}/default.target`]: `[Unit]\nWants=${LOAD}\n`,
  [`${UNITS}/${LOAD}`]: '[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/lib/systemd/systemd-modules-load\n',
  'usr/lib/modules-load.d/z.conf': '# one\na\n\n; two\nb\n',
  'etc/modules-load.d/y.conf': 'c\n',
};

test.each<[name: StageName, loads: string]>([
  ['root', 'load d, load c, load a, load b'],
  ['initramfs', 'load d, load e, load c, load a, load b'],
])('systemdTasks: in the %s, modules of the command line are loaded before those of modules-load.d', (name, loads) => {
  const stage = stageOf(systemd, 'modules-load=d rd.modules_load=e quiet', name);
  expect(shown(systemdTasks(stage, stage.sysfs, 'default.target'))).toEqual([`${LOAD}: ${loads}`]);
});

test('dracutTasks: hooks run in the order of their stages, rd.driver.pre after the pre-udev hooks', () => {
  const hook = (at: string, module: string) => ({ [`lib/dracut/hooks/${at}`]: `modprobe ${module}\n` });
  const texts = {
    'usr/lib/dracut-lib.sh': '',
    ...hook('pre-udev/10-x.sh', 'b'),
    ...hook('cmdline/20-x.sh', 'a'),
    ...hook('pre-mount/10-x.sh', 'd'),
    ...hook('pre-udev/README', 'e'),
  };
  const stage = stageOf(texts, 'rd.driver.pre=c', 'initramfs');
  const tasks = dracutTasks(stage, stage.sysfs);
  expect(shown(tasks)).toEqual([
    'dracut-cmdline.service: load a',
    'dracut-pre-udev.service: load b, load c',
    'dracut-pre-mount.service: load d',
  ]);
  expect(tasks.at(-1)!.after).toEqual(['dracut-cmdline.service', 'dracut-pre-udev.service']);
});

test('initramfsToolsTasks: conf/modules is loaded after init-top and before all that comes later, in the order of ORDER', () => {
  const script = (at: string, module: string) => ({ [`scripts/${at}`]: `#!/bin/sh\nmodprobe ${module}\n` });
  const stage = stageOf(
    {
      'conf/modules': '# one\nb ids=1:2\nc\n',
      ...script('init-top/z', 'a'),
      ...script('init-premount/x', 'd'),
      ...script('init-premount/y', 'e'),
      'scripts/init-premount/ORDER':
        '/scripts/init-premount/y "$@"\n[ -e /conf/param.conf ] && . /conf/param.conf\n/scripts/init-premount/x "$@"\n',
    },
    '',
    'initramfs',
  );
  const tasks = initramfsToolsTasks(stage, stage.sysfs);
  expect(shown(tasks)).toEqual([
    'scripts/init-top/z: load a',
    'conf/modules: load b ids=1:2, load c',
    'scripts/init-premount/y: load e',
    'scripts/init-premount/x: load d',
  ]);
  expect(tasks.map(({ after }) => after.length)).toEqual([0, 1, 2, 3]);
});
