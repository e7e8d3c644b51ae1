import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { restoreTarget } from '../../../src/vfio/change/restore-plan.ts';
import { beginJournal } from '../../../src/vfio/journal/journal.ts';
import { machineRoot, type TestRoot } from '../machine-root.ts';
import { snapshot, vfio } from '../vfio-command.ts';

const CARD = '0000:00:04.0';

/** A machine whose card is on vfio-pci, and a journal that says where it was before. */
function bound(state: 'bound' | 'interrupted' = 'bound', boot: string | null = null): TestRoot {
  const root = machineRoot('noiommu-mode');
  const journal = beginJournal(path.join(root.directory, 'state'), boot, [
    {
      name: CARD,
      bus: 'pci',
      path: root.roots.sysfs.real(`bus/pci/devices/${CARD}`)!,
      modalias: root.roots.sysfs.line(`bus/pci/devices/${CARD}/modalias`) ?? null,
      before: { driver: 'virtio-pci', override: null },
      beforeModule: 'virtio_pci',
      after: { driver: 'vfio-pci', override: 'vfio-pci' },
    },
  ]);
  if (state === 'bound') journal.add({ kind: 'end', state });
  journal.close();
  return root;
}

test.each([[CARD], ['--all']])('vfio restore --dry-run %s prints the ordered writes and writes nothing', (what) => {
  const root = bound();
  const before = snapshot(root.directory);
  const { status, stdout, stderr } = vfio(root, 'restore', '--dry-run', what);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const unfolded = stdout.replaceAll(/\n {7}(?=\S)/g, ' ');
  const steps = unfolded.replaceAll(`${root.sysfs}/`, '').match(/^ {2}\d {2}.*$/gm);
  expect(steps).toEqual([
    '  1  modprobe virtio_pci',
    `  2  write "\\n" bus/pci/devices/${CARD}/driver_override`,
    `  3  write "${CARD}" bus/pci/drivers/vfio-pci/unbind`,
    `  4  write "${CARD}" bus/pci/drivers/virtio-pci/bind`,
    `  5  check ${CARD} is bound to virtio-pci`,
  ]);
  expect(stdout).toMatch(/^rolled back by:$/m);
  expect(stdout).toMatch(/^predicted: 0000:00:04.0 on /m);
  expect(snapshot(root.directory).filter((line) => !line.includes('/modules'))).toEqual(before);
});

test('vfio restore takes the name that status gives for a device that was unplugged, and forgets it', () => {
  const root = bound();
  for (const at of [root.roots.sysfs.real(`bus/pci/devices/${CARD}`)!, `bus/pci/devices/${CARD}`])
    fs.rmSync(path.join(root.sysfs, at), { recursive: true });
  expect(vfio(root, 'status').stdout).toContain(`now it is gone\n   modalias vfio restore ${CARD}\n`);
  expect(vfio(root, 'restore', CARD)).toMatchObject({
    status: 0,
    stderr: `modalias: note: ${CARD} is gone, and its driver_override with it\n`,
  });
  expect(fs.readdirSync(path.join(root.directory, 'state'))).toEqual([]);
  expect(vfio(root, 'restore', CARD)).toMatchObject({ status: 2, stderr: expect.stringMatching(/no device/) });
});

test('restoreTarget takes the device of a journal where a name is on two buses', () => {
  const root = machineRoot('s390x');
  const state = path.join(root.directory, 'state');
  fs.symlinkSync('../../../devices/css0/0.0.0012/0.0.f500', path.join(root.sysfs, 'bus/ccw/devices/0.0.0010'));
  expect(() => restoreTarget(root.roots, state, '0.0.0010')).toThrow(/fits 2 devices/);
  const placement = { driver: 'io_subchannel', override: null };
  const device = { name: '0.0.0010', bus: 'css', path: 'devices/css0/0.0.0010', modalias: 'css:t0' };
  beginJournal(state, null, [{ ...device, before: placement, beforeModule: null, after: placement }]).close();
  expect(restoreTarget(root.roots, state, '0.0.0010')).toEqual({ path: device.path });
});

test('vfio restore --dry-run --json is the document of a restore, without a result', () => {
  const { status, stdout } = vfio(bound(), 'restore', '--dry-run', '--json', CARD);
  expect(status).toBe(0);
  const change = JSON.parse(stdout);
  expect(Object.keys(change)).toEqual(['version', 'plan', 'result', 'notes']);
  expect(change).toMatchObject({ version: 1, result: null, notes: [], plan: { runnable: true } });
});

test('vfio restore --dry-run keeps a journal of another boot, and says that a restore removes it', () => {
  const root = bound('bound', 'another');
  fs.mkdirSync(path.join(root.proc, 'sys/kernel/random'), { recursive: true });
  fs.writeFileSync(path.join(root.proc, 'sys/kernel/random/boot_id'), 'this\n');
  const { status, stdout, stderr } = vfio(root, 'restore', '--dry-run', '--all');
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  expect(stderr).toMatch(/1\.journal is of an earlier boot.*a restore removes it/);
  expect(fs.readdirSync(path.join(root.directory, 'state'))).toEqual(['1.journal']);
});

test('vfio restore --json names the devices that it leaves alone, and exits 1', () => {
  const root = machineRoot('noiommu-mode');
  const { status, stdout, stderr } = vfio(root, 'restore', '--json', CARD);
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    version: 1,
    result: null,
    notes: [expect.stringMatching(`${CARD}.*it is not changed`)],
  });
  expect(stderr).toMatch(/error: no journal lists .*; it is not changed/);
});

test('vfio bind --dry-run is refused where bind is: an earlier run left the device in between', () => {
  const root = bound('interrupted');
  for (const args of [['bind'], ['bind', '--dry-run']]) {
    const { status, stdout, stderr } = vfio(root, ...args, CARD);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/was interrupted; restore it first: modalias vfio restore 0000:00:04.0/);
  }
});

test('vfio plan warns of a damaged journal, and vfio bind and restore refuse to go on', () => {
  const root = machineRoot('viommu-guest');
  const state = path.join(root.directory, 'state');
  fs.mkdirSync(state);
  fs.writeFileSync(path.join(state, '1.journal'), 'garbage\n');
  const planned = vfio(root, 'plan', '0000:01:00.0');
  expect(planned.status).toBe(0);
  expect(planned.stderr).toMatch(/^modalias: warning: .*1\.journal: this journal is damaged/);
  for (const args of [
    ['bind', '0000:01:00.0'],
    ['restore', '--all'],
    ['restore', '--all', '--dry-run'],
  ]) {
    const { status, stdout, stderr } = vfio(root, ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/error: .*1\.journal: this journal is damaged/);
  }
});

test.each([
  [['plan'], 'warnings'],
  [['bind'], 'plan'],
  [['bind', '--dry-run'], 'plan'],
])('vfio %j --json is one document where no driver is found, which says so', (args, key) => {
  const root = machineRoot('intel-desktop');
  const { status, stdout } = vfio(root, ...args, '--json', '0000:01:00.0');
  expect(status).toBe(1);
  const found = JSON.parse(stdout);
  expect(found.version).toBe(1);
  const plan = key === 'plan' ? found.plan : found;
  expect(plan).toMatchObject({ devices: [], runnable: false });
  expect(plan.warnings[0]).toMatchObject({ code: 'no-driver', about: '0000:01:00.0', blocks: 'always' });
  expect(plan.warnings[0].message).toMatch(/the driver of vfio_pci is not known/);
});

test('vfio restore --all says that there is nothing to restore', () => {
  const { status, stdout, stderr } = vfio(machineRoot('viommu-guest'), 'restore', '--all');
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  expect(stderr).toBe('modalias: note: no journal lists a device; there is nothing to restore\n');
});

test('vfio plan does not call a run cut short that is still at work, or that another boot ended', () => {
  const running = bound('interrupted');
  fs.writeFileSync(path.join(running.directory, 'state/lock'), `${process.ppid} ? ? ?\n`);
  expect(vfio(running, 'plan', '0000:00:03.0').stderr).toMatch(/process \d+ is changing devices now/);
  fs.rmSync(path.join(running.directory, 'state/lock'));
  expect(vfio(running, 'plan', '0000:00:03.0').stderr).toMatch(/an earlier run was interrupted/);
  const stale = bound('interrupted', 'another');
  fs.mkdirSync(path.join(stale.proc, 'sys/kernel/random'), { recursive: true });
  fs.writeFileSync(path.join(stale.proc, 'sys/kernel/random/boot_id'), 'this\n');
  expect(vfio(stale, 'plan', '0000:00:03.0').stderr).toBe('');
});
