import { describe, expect, test } from 'vitest';
import { step } from '../../../src/driver-core/index.ts';
import type { Position } from '../../../src/model/script/program.ts';
import { type ShellOptions, shellProgram } from '../../../src/model/script/shell-program.ts';
import { runAlone, twoLikeNics } from './machine.ts';

const run = (text: string, options: ShellOptions = {}) => runAlone(shellProgram(text, 'x.sh', options), twoLikeNics());
const DEV = '0000:01:00.0';

/** The statuses with which a script may end, whatever holds of what is not known. */
function ends(text: string, options: ShellOptions = {}): number[] {
  const program = shellProgram(text, 'x.sh', options);
  const open = [{ at: program.start, kernel: twoLikeNics() }];
  const found = new Set<number>();
  const seen = new Set<string>();
  for (let one = open.pop(); one; one = open.pop()) {
    const { at, kernel } = one;
    if (seen.has(at.key)) continue;
    seen.add(at.key);
    const next = program.next(at, kernel);
    if (next.kind === 'end') found.add(next.status);
    else if (next.kind === 'choice') open.push(...next.ways.map(({ then }) => ({ at: then, kernel })));
    else if (next.kind === 'event') {
      const { state, result } = step(kernel, next.event);
      open.push({ at: next.then(result), kernel: state });
    } else if (next.then) open.push({ at: next.then, kernel });
    else found.add(-1);
  }
  return [...found].sort((a, b) => a - b);
}
const PCI = '/sys/bus/pci';

describe('shellProgram: what it does to the kernel', () => {
  test('a look and an act are two steps, each with its line', () => {
    const script = `dev=${DEV}\n\nif [ -e ${PCI}/devices/$dev/driver ]; then\n  echo $dev > ${PCI}/devices/$dev/driver/unbind\nfi\n`;
    expect(run(script).lines).toEqual(['3: read', `4: "${DEV}\\n" > bus/pci/devices/${DEV}/driver/unbind -> ok`]);
  });

  test('a command that reads and writes looks first and acts then', () => {
    expect(run(`cat ${PCI}/devices/${DEV}/driver_override > ${PCI}/devices/${DEV}/driver_override`).lines).toEqual([
      '1: read',
      `1: "(null)\\n" > bus/pci/devices/${DEV}/driver_override -> ok`,
    ]);
  });

  test.each([
    ['echo vfio-pci', ['vfio-pci\n']],
    ['echo -n vfio-pci', ['vfio-pci']],
    ["printf ''", ['']],
    [':', ['']],
    ["printf 'a\\nb\\n'", ['a\n', 'b\n']],
    ['cat <<E\na\nb\nE\n:', ['']],
    ["printf 'x\\0y'", ['x\0y']],
  ])('bash: %j writes %j', (command, writes) => {
    const file = `${PCI}/devices/${DEV}/driver_override`;
    const text = command.includes('<<') ? `cat > ${file} <<E\na\nb\nE\n` : `${command} > ${file}`;
    const { events } = run(`#!/bin/bash\n${text}`);
    const data = events.map((event) => (event.kind === 'write' ? event.data : event.kind));
    expect(data).toEqual(command.includes('<<') ? ['a\nb\n'] : writes);
  });

  test('dash writes all lines at once, and its echo reads backslashes and knows no -e', () => {
    const file = `${PCI}/devices/${DEV}/driver_override`;
    const data = (text: string) => run(`#!/bin/sh\n${text}`).events.map((event) => ('data' in event ? event.data : ''));
    expect(data(`printf 'a\\nb\\n' > ${file}`)).toEqual(['a\nb\n']);
    expect(data(`echo 'a\\nb' > ${file}`)).toEqual(['a\nb\n']);
    expect(data(`echo -e x > ${file}`)).toEqual(['-e x\n']);
  });

  test.each([
    [`echo x | tee ${PCI}/rescan`, 1],
    [`echo ${DEV} > ${PCI}/drivers/e1000e/bind`, 1],
    [`echo ${DEV} > ${PCI}/drivers/nothing/bind`, 1],
    [`echo ${DEV} > ${PCI}/drivers/nothing/bind || true`, 0],
    [`set -e; echo ${DEV} > ${PCI}/drivers/e1000e/bind; echo 1 > ${PCI}/rescan`, 1],
    [`if echo ${DEV} > ${PCI}/drivers/e1000e/bind; then exit 5; else exit 6; fi`, 6],
    ['modprobe nothing', 1],
    ['modprobe nothing || exit 7', 7],
    ['modprobe -n vfio-pci && modprobe -r e1000e && modprobe -a vfio-pci pci_stub', 0],
    [`rmmod e1000e; [ -e ${PCI}/drivers/e1000e ]`, 1],
    ['insmod /lib/modules/6.12/kernel/drivers/pci/pci-stub.ko.xz ids=8086:10d3', 0],
    ['rmmod vfio_pci; modprobe vfio-pci ids=1:2 enable_sriov=1 disable-denylist async_probe=1 dyndbg="+p"', 0],
    [
      'rmmod vfio_pci; modprobe vfio-pci disable_denylist=no-or-yes; rmmod vfio_pci; modprobe vfio-pci disable_denylist=x',
      1,
    ],
    [`driverctl set-override ${DEV} vfio-pci; [ -e ${PCI}/drivers/vfio-pci/${DEV} ]`, 0],
    [
      `driverctl set-override pci/${DEV} vfio-pci; driverctl unset-override ${DEV}; [ -e ${PCI}/drivers/e1000e/${DEV} ]`,
      0,
    ],
    [`driverctl set-override ${DEV} nothing`, 1],
    ['modprobe -r pci_stub && modprobe pci-stub && rmmod pci_stub && ! rmmod pci_stub', 0],
    [`sudo sh -c 'echo 1 > "$1"' sh ${PCI}/rescan`, 0],
  ])('%s ends with %i', (text, status) => {
    expect(run(text).status).toBe(status);
  });

  test('writes to other files are kept, and to files of sysfs without bearing pass', () => {
    const { lines, status } = run(
      `echo a > /run/saved\necho on > ${PCI}/devices/${DEV}/power/control\n[ "$(cat /run/saved)" = a ]`,
    );
    expect([lines, status]).toEqual([[], 0]);
  });

  test('the links to virtual functions are listed, what else a device has is not', () => {
    const state = twoLikeNics();
    const [card, other] = state.devices;
    const functions = ['0000:01:10.0', '0000:01:10.2'].map((name) => ({
      ...other!,
      name,
      driver: null,
      pci: { ...other!.pci!, physfn: DEV },
    }));
    const devices = [{ ...card!, pci: { ...card!.pci!, numVfs: 2 } }, ...functions];
    const loop = (glob: string) => {
      const text = `for v in ${PCI}/devices/${DEV}/${glob}; do echo x > $v/driver_override; done`;
      return runAlone(shellProgram(text, 'x.sh'), { ...state, devices }).lines.filter((line) => line !== '1: read');
    };
    const written = (link: string) => `1: "x\\n" > bus/pci/devices/${DEV}/${link}/driver_override -> ok`;
    expect(loop('virtfn*')).toEqual(['virtfn0', 'virtfn1'].map(written));
    expect(loop('virtfn[1-9]')).toEqual([written('virtfn1')]);
    const text = `for v in ${PCI}/devices/${DEV}/virt*; do echo x > $v/driver_override; done`;
    expect(ends(text)).toEqual([-1, 0]);
  });

  test('events without a known result go on as long as nobody asks whether they succeeded', () => {
    const reset = `echo 1 > ${PCI}/devices/${DEV}/reset`;
    expect(run(`${reset}\ntrue`).status).toBe(0);
    expect(ends(`${reset} || exit 3`)).toEqual([0, 3]);
    expect(ends(`set -e\n${reset}\ntrue`)).toEqual([0, 1]);
    expect(ends(reset)).toEqual([0, 1]);
  });
});

describe('shellProgram: what it does not understand', () => {
  test.each([
    ['virsh start guest', 'virsh start guest'],
    ['systemctl start vfio-bind.service', 'systemctl start vfio-bind.service: what the unit vfio-bind.service does'],
    ['me=$$; kill $me', 'kill $me: the end of the shell itself'],
    ['udevadm trigger', 'udevadm trigger'],
    ['sleep 5 & echo', 'sleep 5 & echo: it runs beside the rest'],
  ])('%s: is named, and the rest goes on', (text, unread) => {
    const { lines, status } = run(`true\n${text}\necho 1 > ${PCI}/rescan`);
    expect(lines).toEqual([`2: unread ${unread}`, '3: "1\\n" > bus/pci/rescan -> ok']);
    expect(status).toBe(0);
  });

  test.each([
    [`echo $DEVICE > ${PCI}/drivers_probe`, /of a text that is not known/],
    ['eval "$(cat /proc/mounts)"', /eval of a text that is not known/],
    ['trap cleanup ERR; cleanup', /./],
    [`echo x > "/sys/$WHERE"`, /a file whose name is not known/],
    ['select x in a b; do break; done', /select/],
    ['coproc cat', /coproc/],
  ])('%s: nothing is known from there on', (text, why) => {
    const { lines } = run(text);
    expect(lines.find((line) => line.includes('unread'))).toMatch(why);
  });

  test('commands that are not understood are named without running them, in functions and substitutions, too', () => {
    const text = 'f() {\n  frobnicate 1\n}\nx=$(\n  sudo -n xyzzy\n)\ng() { :; }\ng\n/usr/local/bin/own.sh\n';
    const found = shellProgram(text, 'x.sh').unread.map(({ place, text }) => `${place.line}: ${text}`);
    expect(found).toEqual(['2: frobnicate 1', '5: sudo -n xyzzy', '9: /usr/local/bin/own.sh']);
  });

  test('arguments and the environment are what they are given as', () => {
    const text = `echo "$1" > ${PCI}/devices/$DEVICE/driver_override`;
    const { events } = run(text, { words: ['vfio-pci'], environment: { DEVICE: DEV } });
    expect(events).toEqual([{ kind: 'write', path: `bus/pci/devices/${DEV}/driver_override`, data: 'vfio-pci\n' }]);
  });
});

describe('shellProgram: a write to a file that is not there', () => {
  test.each([
    `${PCI}/devices//driver_override`,
    `${PCI}/devices/0000:09:00.0/driver_override`,
    `${PCI}/devices/0000:09:00.0/driver/unbind`,
    `${PCI}/drivers/none/unbind`,
  ])('%s: fails', (file) => {
    expect(ends(`echo x > ${file}`)).toEqual([1]);
    expect(ends(`set -e; echo x > ${file}; exit 3`)).toEqual([1]);
  });
});

describe('shellProgram: what is not known', () => {
  test.each<[text: string, ends: readonly number[]]>([
    ['[ -e /etc/vfio.conf ] && exit 3', [1, 3]],
    ['if [ "$(hostname)" = box ]; then exit 3; fi', [0, 3]],
    ['[ -n "$(date)" ] || exit 3', [0, 3]],
    [`[[ $(hostname) =~ ^(a) ]] && [ "$\{BASH_REMATCH[1]}" = b ] && exit 3`, [1, 3]],
    ['case $(hostname) in a) exit 3 ;; [bc]*) exit 4 ;; *) exit 5 ;; d) exit 6 ;; esac', [3, 4, 5]],
    ['case $(hostname) in a) exit 3 ;; esac', [0, 3]],
    ['for i in $(lsblk); do [ "$i" = x ] && exit 3; done', [0, 1, 3]],
    ['while systemctl is-active x; do sleep 1; done; exit 3', [3]],
    ['lsmod | grep -q nvidia; exit $?', [0, 1]],
    ['pgrep qemu', [0, 1]],
    ['! pgrep qemu', [0, 1]],
    ['set -e; x=$(pgrep qemu); exit 3', [1, 3]],
    ['trap "exit 4" EXIT; pgrep qemu', [4]],
    ["trap 'exit $(( $? ? 5 : 6 ))' EXIT; pgrep qemu", [5, 6]],
    ['(( $(nproc) > 4 )) && exit 3', [1, 3]],
    ['command -v driverctl && exit 3; command -v nvidia-smi && exit 4', [3]],
    ['command -v nvidia-smi && exit 4', [1, 4]],
    ['flock -n /run/lock true && exit 3', [1, 3]],
    ['flock /run/lock sh -c "exit 3"', [3]],
    ['flock -w 5 /run/lock -c "exit 3"', [1, 3]],
    ['[ -z "$NOBODY_SETS" ] && [ "$NOBODY_SETS" = "" ] && [[ -z $NOBODY_SETS ]] && exit 3', [3]],
    ['case "$NOBODY_SETS" in "") exit 3 ;; esac', [3]],
    ['. /etc/default/vfio; [ -z "$NOBODY_SETS" ] && exit 3', [1, 3]],
    ['exec sh -c "exit 3"; exit 4', [3]],
    ['exec false', [1]],
  ])('%s ends with each of %j', (text, statuses) => {
    expect(ends(text)).toEqual(statuses);
  });

  test('each way of a choice says what it takes to be so', () => {
    const waysOf = (text: string) => {
      const program = shellProgram(text, 'x.sh');
      const next = program.next(program.start, twoLikeNics());
      return next.kind === 'choice' ? [next.fact, ...next.ways.map(({ text }) => text)] : next.kind;
    };
    expect(waysOf('[ -d /etc/vfio ]')).toEqual([
      '/etc/vfio is not a directory',
      '/etc/vfio is not a directory',
      '/etc/vfio is a directory',
    ]);
    expect(waysOf('pgrep qemu || true')).toEqual([null, 'it succeeds', 'it fails']);
    expect(waysOf('[ -e /run/x ]')).toEqual([null, 'it does not hold', 'it holds']);
  });

  test('what is assumed of the machine is not asked again', () => {
    const program = shellProgram('[ -d /etc/vfio ] && [ -d /etc/vfio ] && exit 3', 'x.sh');
    const statuses = [0, 1].map((answer) => {
      const assumed = program.assuming!(new Map([['/etc/vfio is not a directory', answer]]));
      return runAlone(assumed, twoLikeNics());
    });
    expect(statuses.map(({ status, lines }) => [status, lines])).toEqual([
      [1, []],
      [3, []],
    ]);
  });
});

describe('shellProgram: positions', () => {
  test('are equal by their keys where the process goes on alike, whichever way it came there', () => {
    const program = shellProgram(`echo 1 > ${PCI}/rescan || true\necho 0 > ${PCI}/drivers_autoprobe\n`, 'x.sh');
    const first = program.next(program.start, twoLikeNics());
    if (first.kind !== 'event') throw new Error('expected an event');
    const ok = first.then({ kind: 'ok' });
    const failed = first.then({ kind: 'errno', errno: 'EINVAL' });
    const afterTrue = (at: Position) => program.next(at, twoLikeNics());
    expect(ok.key).not.toBe(failed.key);
    expect(afterTrue(ok)).toMatchObject({ kind: 'event', place: { line: 2 } });
    expect(afterTrue(failed)).toMatchObject({ kind: 'event', place: { line: 2 } });
  });

  test('a loop that waits comes back to the same position', () => {
    const program = shellProgram(`while [ ! -e ${PCI}/devices/0000:09:00.0 ]; do sleep 1; done`, 'x.sh');
    const keys = new Set<string>();
    let at: Position = program.start;
    for (let i = 0; i < 10; i++) {
      const step = program.next(at, twoLikeNics());
      if (step.kind !== 'read') throw new Error('expected a read');
      at = step.then;
      keys.add(at.key);
    }
    expect(keys.size).toBeLessThanOrEqual(2);
  });

  test('next changes neither the position nor the kernel', () => {
    const kernel = twoLikeNics();
    const program = shellProgram(`x=1; f() { x=2; echo $x > ${PCI}/rescan; }; f`, 'x.sh');
    const { key } = program.start;
    const before = JSON.stringify(kernel.devices);
    expect(program.next(program.start, kernel)).toMatchObject(
      program.next(program.start, kernel).kind === 'event' ? { kind: 'event' } : {},
    );
    expect(program.start.key).toBe(key);
    expect(JSON.stringify(kernel.devices)).toBe(before);
  });
});
