import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forecastBoot } from '../../src/boot/boot.ts';
import { ModaliasError } from '../../src/errors.ts';
import { machineNames, readMachine } from '../fake-root.ts';
import { many } from '../support/many.ts';
import { bootRoot } from './boot-root.ts';

const LONG = 10 * 1024 * 1024;

/** Files of a root, or of an image, that nobody would write. */
const HOSTILE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'lines of 10 MB': {
    'etc/modprobe.d/a.conf': `softdep nvme pre: ${'x'.repeat(LONG)}\noptions vfio_pci ${'ids=,'.repeat(LONG / 5)}\n`,
    'etc/udev/rules.d/1.rules': `ACTION=="add", RUN+="${'y'.repeat(LONG)}"\n`,
    'etc/systemd/system/x.service': `[Unit]\nAfter=${'z '.repeat(LONG / 2)}\n`,
  },
  'quotes that never end': {
    'etc/udev/rules.d/1.rules': 'ACTION=="add, RUN+="\nKERNEL=="*\n====\n,,,\nLABEL="\n',
    'etc/udev/rules.d/2.rules': `${'ATTR{'.repeat(10_000)}\n`,
    'etc/systemd/system/multi-user.target.wants/x.service': '[Service\nExecStart=/bin/sh -c \'"$( `\n[[[',
  },
  'patterns that could be slow': {
    'etc/udev/rules.d/1.rules': `KERNEL=="${'*a'.repeat(2000)}b|${'?'.repeat(5000)}", ATTR{driver_override}="x"\n`,
    'etc/modprobe.d/a.conf': `alias ${'*'.repeat(3000)} nvme\nsoftdep ${'*a'.repeat(500)} pre: x\n`,
  },
  'modules that need each other': {
    'etc/modprobe.d/a.conf': 'softdep nvme pre: vfio_pci\nsoftdep vfio_pci pre: nvme post: nvme vfio_pci\n',
    'etc/modprobe.d/b.conf':
      'install e1000e /sbin/modprobe e1000e\ninstall vfio /bin/sh -c "modprobe vfio; modprobe vfio"\n',
  },
  'units in a circle': {
    'etc/systemd/system/multi-user.target.wants/a.service': '',
    'etc/systemd/system/a.service':
      '[Unit]\nWants=b.service a.service\nAfter=b.service\nBefore=b.service\n[Service]\nExecStart=/sbin/modprobe vfio-pci\n',
    'etc/systemd/system/b.service':
      '[Unit]\nWants=a.service\nAfter=a.service\n[Service]\nExecStart=/sbin/modprobe vfio-pci\n',
  },
  'scripts that call themselves': {
    'usr/local/bin/x':
      '#!/bin/sh\nf() { f; f; }\nf\n/usr/local/bin/x\nfor a in 1 2 3; do for b in 1 2 3; do f; done; done\n',
    'etc/systemd/system/multi-user.target.wants/x.service': '',
    'etc/systemd/system/x.service': '[Service]\nExecStart=/usr/local/bin/x\n',
    'etc/udev/rules.d/1.rules': 'RUN+="/usr/local/bin/x"\n',
  },
  'shells that nest': {
    'etc/udev/rules.d/1.rules': `RUN+="/bin/sh -c '${'if '.repeat(5000)}${'('.repeat(5000)}${'{ '.repeat(5000)}'"\n`,
  },
  'bytes of every kind': {
    'etc/modprobe.d/a.conf': Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join(''),
    'etc/udev/rules.d/1.rules': Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('"'),
    'etc/driverctl.d/pci-0000:02:00.0': '\0\n../../../x',
    'etc/modules-load.d/x.conf': `${'\0'.repeat(5000)}\n../../vfio_pci\n`,
    'boot/grub/grub.cfg': 'menuentry \'\nlinux\nlinux \nset default="99999999999"\n',
  },
};

test.each(Object.keys(HOSTILE))(
  'forecastBoot: %s end in an answer, in the root and in the image',
  async (name) => {
    const files = HOSTILE[name]!;
    for (const system of [{ root: files }, { image: files }]) {
      const started = performance.now();
      const { devices } = await forecastBoot(['0000:01:00.0', '0000:03:00.0'], { root: bootRoot(system) });
      expect(devices.map(({ stages }) => stages.length)).toEqual([3, 3]);
      expect(performance.now() - started).toBeLessThan(60_000);
    }
  },
  200_000,
);

test('forecastBoot: rules, configuration and scripts of any text never crash it', async () => {
  const word = fc.constantFrom(
    ...['ACTION=="add"', 'DRIVER=="?*"', 'ATTR{driver_override}="vfio-pci"', 'RUN{builtin}+="kmod load vfio_pci"', ','],
    ...[
      'GOTO="x"',
      'LABEL="x"',
      '\\\n',
      '"',
      '\n',
      'softdep nvme pre: vfio_pci',
      'install nvme',
      'modprobe vfio-pci',
      ';',
    ],
    ...[
      'if',
      'then',
      'fi',
      'case',
      'esac',
      'in',
      '$(',
      ')',
      '`',
      'for x in a',
      'do',
      'done',
      '<< E',
      '{',
      '}',
      '&&',
      '||',
    ],
    ...['echo vfio-pci > /sys/bus/pci/devices/0000:01:00.0/driver_override', '[ -e /sys/bus/pci/drivers/nvme ]', '#'],
  );
  const text = fc.array(fc.oneof(word, fc.string({ maxLength: 8 })), { maxLength: 40 }).map((words) => words.join(' '));
  await fc.assert(
    fc.asyncProperty(text, text, text, async (rules, config, script) => {
      const root = bootRoot({
        root: { 'etc/udev/rules.d/1.rules': rules, 'etc/modprobe.d/1.conf': config },
        image: {
          'scripts/init-top/ORDER': '/scripts/init-top/x\n/scripts/init-top/udev\n',
          'scripts/init-top/x': script,
        },
      });
      const { devices } = await forecastBoot(['0000:01:00.0'], { root });
      expect(devices[0]!.stages).toHaveLength(3);
    }),
    { numRuns: many(10) },
  );
}, 200_000);

test('forecastBoot: answers for the devices of every recorded machine, hostile ones among them', async () => {
  for (const name of machineNames()) {
    const machine = readMachine(name);
    const root = bootRoot({ machine });
    const asked = machine.devices
      .filter(({ bus }) => bus === 'pci' || bus === 'platform')
      .map(({ path }) => `/sys/devices/${path}`);
    for (const device of asked.slice(0, 4)) {
      const answer = await forecastBoot([device], { root }).catch((error: unknown) => error);
      if (answer instanceof ModaliasError)
        expect(['no-device', 'ambiguous-device', 'bad-device']).toContain(answer.code);
      else expect(answer).toMatchObject({ devices: [{ stages: expect.arrayContaining([]) }] });
    }
  }
}, 200_000);
