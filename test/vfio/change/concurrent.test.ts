import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { machineRoot } from '../machine-root.ts';

test('vfio bind keeps a second run out while the first is at it, and status and plan say that it is running', async () => {
  const root = machineRoot('viommu-guest');
  const state = path.join(root.directory, 'state');
  const modules = path.join(root.directory, 'modules');
  fs.mkdirSync(modules);
  fs.writeFileSync(path.join(modules, 'modules.alias'), 'alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n');
  // To open a named pipe that nobody reads blocks: the first run stays in the middle of its writes.
  const unbind = path.join(root.sysfs, 'bus/pci/drivers/e1000e/unbind');
  fs.rmSync(unbind);
  execFileSync('mkfifo', [unbind]);
  const roots = ['--sysfs', root.sysfs, '--proc', root.proc, '--state', state];
  const vfio = (...args: string[]) =>
    spawnSync(process.execPath, ['dist/cli.js', 'vfio', ...args, ...roots], { encoding: 'utf8' });
  const bind = ['bind', '-m', modules, '--timeout', '600', '0000:01:00.0'];
  const first = spawn(process.execPath, ['dist/cli.js', 'vfio', ...bind, ...roots], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  first.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise((resolve) => first.on('close', resolve));
  const journal = path.join(state, '1.journal');
  while (!fs.existsSync(journal) || !fs.readFileSync(journal, 'utf8').includes('e1000e/unbind'))
    await new Promise((resolve) => setTimeout(resolve, 20));

  const holds = new RegExp(`process ${first.pid} is changing devices and holds the lock; wait for it to end`);
  expect(vfio(...bind)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(holds) });
  expect(vfio('restore', '-m', modules, '--all')).toMatchObject({ status: 2, stderr: expect.stringMatching(holds) });
  expect(vfio('status').stdout).toMatch(new RegExp(`^process ${first.pid} is changing devices now;`));
  const dry = vfio('bind', '-m', modules, '--dry-run', '0000:01:00.0');
  expect(dry.stderr).toMatch(new RegExp(`process ${first.pid} is moving devices now; wait for it to end`));
  const plan = vfio('plan', '-m', modules, '0000:02:00.0');
  expect(plan.stderr).toMatch(new RegExp(`process ${first.pid} is changing devices now`));
  expect(plan.stderr).not.toMatch(/interrupted/);
  expect(fs.readdirSync(state).sort()).toEqual(['1.journal', 'lock']);

  fs.closeSync(fs.openSync(unbind, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK));
  // What was written into the pipe moved nothing: the first run takes it back.
  expect(await ended).toBe(3);
  expect(said).toMatch(/everything is back as it was/);
  expect(fs.readdirSync(state)).toEqual([]);
  expect(vfio('status').stdout).not.toMatch(/is changing devices now/);
});
