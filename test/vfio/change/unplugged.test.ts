import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { failureText } from '../../../src/report/vfio-plan-text.ts';
import { statusText } from '../../../src/report/vfio-status-text.ts';
import { readStatus } from '../../../src/vfio/change/status.ts';
import { readJournals } from '../../../src/vfio/journal/journal.ts';
import type { TestRoot } from '../machine-root.ts';
import { scenarios } from '../scenarios.ts';
import { bindWith, noFault, type Run, restoreWith } from './bound-run.ts';

const scenario = scenarios['two cards of one group']!;
const [FIRST, SECOND] = ['0000:04:01.0', '0000:04:02.0'] as const;
const at = (root: TestRoot, name: string) =>
  path.join(root.sysfs, 'devices/pci0000:00/0000:00:04.0/0000:03:00.0', name);

/**
 * Takes a card out of a root, as the kernel does when it is unplugged; `again` brings it back, on its native driver.
 */
function unplug(root: TestRoot, name: string): () => void {
  const directory = at(root, name);
  const kept = path.join(root.directory, 'unplugged');
  const driver = fs.existsSync(path.join(directory, 'driver')) ? fs.readlinkSync(path.join(directory, 'driver')) : null;
  if (driver !== null) fs.rmSync(path.join(root.sysfs, 'bus/pci/drivers', path.basename(driver), name));
  fs.rmSync(path.join(root.sysfs, 'bus/pci/devices', name));
  fs.rmSync(path.join(root.sysfs, 'kernel/iommu_groups/8/devices', name));
  fs.renameSync(directory, kept);
  return () => {
    fs.renameSync(kept, directory);
    fs.rmSync(path.join(directory, 'driver'), { force: true });
    fs.rmSync(path.join(directory, 'vfio-dev'), { recursive: true, force: true });
    fs.writeFileSync(path.join(directory, 'driver_override'), '(null)\n');
    const link = (file: string, target: string) =>
      fs.symlinkSync(path.relative(path.dirname(file), path.join(root.sysfs, target)), file);
    link(path.join(directory, 'driver'), 'bus/pci/drivers/e1000');
    link(path.join(root.sysfs, 'bus/pci/drivers/e1000', name), path.relative(root.sysfs, directory));
    link(path.join(root.sysfs, 'bus/pci/devices', name), path.relative(root.sysfs, directory));
    link(path.join(root.sysfs, 'kernel/iommu_groups/8/devices', name), path.relative(root.sysfs, directory));
  };
}

const told = ({ result }: Run) => failureText({ plan: {} as never, result }, 200);

test.each([1, 2, 3, 4, 5, 6])(
  'bindDevices whose first card is unplugged at action %i takes back the other and says what is gone',
  async (action) => {
    const run = await bindWith(scenario, (count, _at, changing) => {
      if (count === action) unplug(changing(), FIRST);
      return undefined;
    });
    const { placements, result } = run;
    if (action > 3) {
      // It was bound and seen to be; what became of it afterwards is not this run's business.
      expect(result?.state).toBe('done');
      expect(placements()[SECOND]).toEqual({ driver: 'vfio-pci', override: 'vfio-pci' });
    } else {
      expect(result).toMatchObject({ state: 'rolled-back', gone: [FIRST], left: [], rollbackFailures: [] });
      expect(placements()[SECOND]).toEqual(run.before[SECOND]);
      expect(told(run)).toMatch(
        new RegExp(`gone: ${FIRST} was unplugged meanwhile\neverything else is back as it was\n$`),
      );
      expect(readJournals(run.state)).toEqual([]);
    }
  },
);

test('status and restore say that a bound card is not there any more, and restore forgets it', async () => {
  const run = await bindWith(scenario, noFault);
  unplug(run.root, FIRST);
  run.kernel.lookAgain();
  expect(statusText(readStatus(run.root.roots, run.state), 200)).toMatch(
    new RegExp(`${FIRST} was on e1000; now it is gone\n`),
  );
  const { notes, result } = await restoreWith(run, noFault);
  expect(notes).toEqual([`${FIRST} is gone, and its driver_override with it`]);
  expect(result).toMatchObject({ state: 'done' });
  expect(run.placements()[SECOND]).toEqual(run.before[SECOND]);
  expect(readJournals(run.state)).toEqual([]);
});

test.each([1, 2, 3])(
  'bindDevices whose first card is unplugged and plugged in again at action %i leaves both on their native driver, or bound',
  async (action) => {
    const run = await bindWith(scenario, (count, _at, changing) => {
      if (count === action) unplug(changing(), FIRST)();
      return undefined;
    });
    const bound = { driver: 'vfio-pci', override: 'vfio-pci' };
    const want = run.result?.state === 'done' ? { [FIRST]: bound, [SECOND]: bound } : run.before;
    expect(run.placements()).toEqual(want);
    expect(run.result?.state).toBe(action === 1 ? 'done' : 'rolled-back');
  },
);

test('vfio: a card whose unbind waits for a process: every command says so, none forgets it, and restore ends it later', async () => {
  // What the kernel shows meanwhile: no driver link, while the VFIO device is still there.
  const hang = (name: string) => (_count: number, file: string, changing: () => TestRoot) => {
    if (file !== 'bus/pci/drivers/vfio-pci/unbind') return undefined;
    fs.rmSync(path.join(at(changing(), name), 'driver'));
    return { kind: 'timeout', seconds: 3 } as const;
  };
  const run = await bindWith(scenario, noFault);
  const { result, plan } = await restoreWith(run, hang(SECOND));
  expect(result).toMatchObject({
    state: 'incomplete',
    left: [{ name: SECOND, now: { driver: null, override: null }, unbinding: true }],
  });
  expect(failureText({ plan, result }, 200)).toContain(
    `left: ${SECOND} loses its driver when the process that holds it releases it, and was on vfio-pci\n`,
  );
  const status = readStatus(run.root.roots, run.state);
  expect(status.journals).toMatchObject([{ state: 'incomplete' }]);
  expect(statusText(status, 200)).toContain(`${SECOND} was on e1000; its unbind waits for a process that holds it\n`);

  const early = await restoreWith(run, noFault);
  expect(early.result).toBeNull();
  expect(early.plan.warnings).toContainEqual({
    code: 'unbinding',
    about: SECOND,
    message: 'its unbind still waits for a process that holds it; end that process, then try again',
    blocks: 'always',
  });
  expect(readJournals(run.state)[0]?.devices.map(({ name }) => name)).toContain(SECOND);

  fs.rmSync(path.join(at(run.root, SECOND), 'vfio-dev'), { recursive: true });
  fs.rmSync(path.join(run.root.sysfs, 'bus/pci/drivers/vfio-pci', SECOND));
  run.kernel.lookAgain();
  await restoreWith(run, noFault);
  expect(run.placements()).toEqual(run.before);
  expect(readJournals(run.state)).toEqual([]);
});
