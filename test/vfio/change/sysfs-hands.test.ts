import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Hands, outcomeText } from '../../../src/vfio/change/hands.ts';
import { sysfsHands } from '../../../src/vfio/change/sysfs-hands.ts';
import { Tree } from '../../../src/vfio/sysfs/tree.ts';

let root: string;
let hands: Hands | undefined;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'modalias-hands-'));
});
afterEach(() => {
  hands?.close();
  fs.rmSync(root, { recursive: true, force: true });
});

/** Hands whose modprobe is a shell script. */
function withModprobe(script: string, seconds = 300): Hands {
  const modprobe = path.join(root, 'modprobe');
  fs.writeFileSync(modprobe, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  hands = sysfsHands(new Tree(root), { seconds, modprobe });
  return hands;
}

test.each([
  [
    'echo "modprobe: ERROR: could not insert \'$2\': Operation not permitted" >&2; exit 1',
    "exited with status 1: modprobe: ERROR: could not insert 'vfio_pci': Operation not permitted",
  ],
  ['echo one >&2; echo >&2; printf "two\\033[2J\\n" >&2; exit 3', 'exited with status 3: one; two?[2J'],
  ['exit 1', 'exited with status 1'],
  ['kill -SEGV $$', 'exited with SIGSEGV'],
  ['yes x | head -n 100000 >&2; exit 1', 'exited with status 1: x; x; x; x; x'],
])('sysfsHands tells what modprobe said and how it ended, and makes up no errno: %s', async (script, text) => {
  const outcome = await withModprobe(script).modprobe('vfio_pci');
  expect(outcome).toMatchObject({ kind: 'failed', errno: null });
  expect(outcomeText(outcome)).toBe(text);
});

test('sysfsHands passes the module as a name and never as an option', async () => {
  expect(await withModprobe('echo "$@" > "$(dirname "$0")/said"').modprobe('-r')).toEqual({ kind: 'ok' });
  expect(fs.readFileSync(path.join(root, 'said'), 'utf8')).toBe('-- -r\n');
});

test('sysfsHands waits for modprobe no longer than it may', async () => {
  expect(await withModprobe('exec sleep 60', 0.2).modprobe('vfio_pci')).toEqual({ kind: 'timeout', seconds: 0.2 });
});

test('sysfsHands loads no module into this kernel for a root that is not a sysfs', async () => {
  hands = sysfsHands(new Tree(root), { seconds: 300 });
  expect(outcomeText(await hands.modprobe('vfio_pci'))).toMatch(/is a copy of a sysfs: modprobe would load/);
});

test('sysfsHands names a modprobe that is not there', async () => {
  hands = sysfsHands(new Tree(root), { seconds: 300, modprobe: path.join(root, 'none') });
  expect(outcomeText(await hands.modprobe('vfio_pci'))).toMatch(/^ENOENT \(.*\/none: no such file or directory\)$/);
});

test('sysfsHands makes no file, follows no link and never writes nothing', async () => {
  hands = sysfsHands(new Tree(root), { seconds: 300 });
  fs.writeFileSync(path.join(root, 'there'), '');
  fs.symlinkSync('there', path.join(root, 'link'));
  expect(await hands.write('there', 'x\n')).toEqual({ kind: 'ok' });
  expect(await hands.write('missing', 'x')).toMatchObject({ kind: 'failed', errno: 'ENOENT' });
  expect(await hands.write('link', 'y')).toMatchObject({ kind: 'failed', errno: 'ELOOP' });
  expect(await hands.write('there', '')).toMatchObject({ kind: 'failed', errno: 'EINVAL' });
  expect(fs.readFileSync(path.join(root, 'there'), 'utf8')).toBe('x\n');
  expect(fs.readdirSync(root).sort()).toEqual(['link', 'there']);
});

/** A driver that has no files yet, and the state of its module. */
function registering(state: string): Hands {
  fs.mkdirSync(path.join(root, 'bus/pci/drivers/e1000e'), { recursive: true });
  fs.mkdirSync(path.join(root, 'module/e1000e'), { recursive: true });
  fs.writeFileSync(path.join(root, 'module/e1000e/initstate'), `${state}\n`);
  hands = sysfsHands(new Tree(root), { seconds: 20 });
  return hands;
}

test('sysfsHands waits for the unbind of a driver whose module still probes other devices', async () => {
  const write = registering('coming').write('bus/pci/drivers/e1000e/unbind', '0000:01:00.0');
  const unbind = path.join(root, 'bus/pci/drivers/e1000e/unbind');
  setTimeout(() => fs.writeFileSync(unbind, ''), 150);
  expect(await write).toEqual({ kind: 'ok' });
  expect(fs.readFileSync(unbind, 'utf8')).toBe('0000:01:00.0');
});

test('sysfsHands waits for no file of a driver that will not have it', async () => {
  const write = registering('live').write('bus/pci/drivers/e1000e/unbind', '0000:01:00.0');
  expect(await write).toMatchObject({ kind: 'failed', errno: 'ENOENT' });
});
