import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadAliasIndex } from '../../../src/lookup/load.ts';
import { prepareBind } from '../../../src/vfio/plan/prepare.ts';
import { readMachine } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';

const DEP = `kernel/drivers/pci/pci-stub.ko.xz:
kernel/drivers/uio/uio_pci_generic.ko: kernel/drivers/uio/uio.ko
kernel/drivers/vfio/pci/vfio-pci.ko: kernel/drivers/vfio/pci/vfio-pci-core.ko kernel/drivers/vfio/vfio.ko
`;

/** What --driver NAME comes to on a machine with no driver registered but the port's, and such a modules.dep. */
async function named(driver: string, dep: string | null = DEP) {
  const { roots, directory } = machineRoot({ ...readMachine('viommu-guest'), drivers: { pci: { pcieport: null } } });
  const file = path.join(directory, 'modules.alias');
  fs.writeFileSync(file, '');
  if (dep !== null) fs.writeFileSync(path.join(directory, 'modules.dep'), dep);
  const aliases = async () => loadAliasIndex(file, { config: [] });
  const context = { sysfs: roots.sysfs, aliases, modules: dep === null ? null : directory };
  const { requests, problems } = await prepareBind(roots, context, ['0000:01:00.0'], { driver });
  return { requests: requests.map(({ path: _path, ...rest }) => rest), problems };
}

test.each([
  ['pci-stub', 'pci_stub'],
  ['uio_pci_generic', 'uio_pci_generic'],
])('prepareBind knows the module of %s, which no file tells, and that it is no VFIO driver', async (driver, module) => {
  expect(await named(driver)).toEqual({ requests: [{ driver, module, vfio: false }], problems: [] });
});

test.each([
  ['a driver whose module is not there', 'pci-stub', 'kernel/a.ko:\n'],
  ['a driver of which nothing is known', 'vfio-nothing', DEP],
  ['a driver where no modules are known', 'pci-stub', null],
])('prepareBind has no answer for %s', async (_what, driver, dep) => {
  const { requests, problems } = await named(driver, dep);
  expect(requests).toEqual([]);
  expect(problems.map(({ code, about }) => [code, about])).toEqual([['no-driver', '0000:01:00.0']]);
  expect(problems[0]!.message).toMatch(
    /^no driver '[\w-]+' is registered on bus 'pci', and no module is known to hold it/,
  );
});
