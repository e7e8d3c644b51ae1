import { expect, test } from 'vitest';
import { machineRoot } from '../machine-root.ts';
import { vfio } from '../vfio-command.ts';

test('vfio resolve prints the six steps', () => {
  const root = machineRoot('viommu-guest');
  const { status, stdout } = vfio(root, 'resolve', '0000:01:00.0');
  expect(status).toBe(0);
  expect(stdout.replaceAll(root.directory, '')).toBe(`0000:01:00.0
1  path      /sys/devices/pci0000:00/0000:00:02.0/0000:01:00.0
2  modalias  pci:v00008086d000010D3sv00008086sd00000000bc02sc00i00
3  query     vfio_pci:v00008086d000010D3sv00008086sd00000000bc02sc00i00
4  alias     vfio_pci:v*d*sv*sd*bc*sc*i*
5  module    vfio_pci
6  driver    vfio-pci
   by        /sys/module/vfio_pci/drivers/pci:vfio-pci
`);
});

test('vfio resolve picks the variant, and names its driver by sysfs', () => {
  const { status, stdout } = vfio(machineRoot('sriov-server'), 'resolve', '--json', '0000:81:00.2');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    version: 1,
    device: '0000:81:00.2',
    module: 'mlx5_vfio_pci',
    driver: 'mlx5_vfio_pci',
    driverSource: 'sysfs',
    ambiguous: false,
    candidates: [{ module: 'mlx5_vfio_pci' }, { module: 'vfio_pci' }],
  });
});

test("vfio resolve does not take the module's name for the driver's", () => {
  const { status, stdout } = vfio(machineRoot('intel-desktop'), 'resolve', '--json', '0000:01:00.0');
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ module: 'vfio_pci', driver: null, driverSource: null });
});

test.each([
  ['arm64-soc', '/sys/bus/platform/devices/fe000000.ethernet', 'vfio-platform'],
  ['arm64-soc', '/sys/bus/amba/devices/2100000.dma-controller', 'vfio-amba'],
  ['arm64-soc', '/sys/bus/fsl-mc/devices/dpni.1', 'vfio-fsl-mc'],
  ['s390x', '/sys/bus/css/devices/0.0.0010', 'vfio_ccw'],
  ['s390x', '/sys/bus/ap/devices/03.0005', 'vfio_ap'],
])('vfio resolve answers %s %s from facts, and says so', (machine, device, driver) => {
  const { status, stdout } = vfio(machineRoot(machine), 'resolve', '--json', device);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    driver,
    source: 'fact',
    driverSource: 'fact',
    query: null,
    pattern: null,
  });
});

test.each([
  ['ccw:t3990mE9dt3390dm0C', 'vfio_ccw', /vfio_ccw_sch_driver, which binds the device's subchannel \(css\)/],
  ['css:t0', 'vfio_ccw', /vfio_ccw_sch_driver$/],
  ['ap:t0E', 'vfio_ap', /vfio_ap_drv$/],
  ['of:NethernetT(null)Carm,pl330', 'vfio-platform', /vfio_platform_driver$/],
  ['amba:d00241330', 'vfio-amba', /vfio_amba_driver$/],
  ['fsl-mc:v00001957ddpni', 'vfio-fsl-mc', /vfio_fsl_mc_driver$/],
])('vfio resolve answers the bare modalias %s from facts', (modalias, driver, from) => {
  const { status, stdout } = vfio(machineRoot('s390x'), 'resolve', '--json', modalias);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ version: 1, path: null, driver, source: 'fact', problem: null });
  expect(JSON.parse(stdout).driverFrom).toMatch(from);
});

test.each([
  ['css:t3', /I\/O subchannels \(css:t0\) only/],
  ['ap:t09', /CEX4 cards \(ap:t0A\) and later/],
  ['card03', /queues, such as 03.0005, not cards/],
])('vfio resolve says why VFIO does not take %s', (device, why) => {
  const { status, stdout } = vfio(machineRoot('s390x'), 'resolve', '--json', device);
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ driver: null, module: null, problem: expect.stringMatching(why) });
});

test('vfio resolve takes a bare modalias', () => {
  const { status, stdout } = vfio(
    machineRoot('sriov-server'),
    'resolve',
    '--json',
    'pci:v000015B3d0000101Esv0sd0bc02sc00i00',
  );
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ path: null, module: 'mlx5_vfio_pci' });
});
