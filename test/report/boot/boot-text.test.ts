import { expect, test } from 'vitest';
import type { BootForecast, DeviceForecast } from '../../../src/boot/forecast.ts';
import { bootText } from '../../../src/report/boot/boot-text.ts';

const device = {
  ...{ device: '01:00.0', stages: [], driver: 'nvme', vfio: false, certain: true, because: [], others: [], doubts: [] },
};
const lines = (members: object, width = 80) => {
  const forecast = { devices: [{ ...device, ...members } as unknown as DeviceForecast] } as unknown as BootForecast;
  return bootText(forecast, width).split('\n').slice(0, -1);
};

test('bootText: a device with its driver, and how sure that is', () => {
  expect(lines({})).toEqual(['01:00.0  nvme']);
  expect(lines({ driver: null, certain: false })).toEqual(['01:00.0  no driver, as far as is known']);
  const others = [{ driver: null, vfio: false, loads: [], because: [] }];
  expect(lines({ certain: false, others })).toEqual([
    '01:00.0  nvme, or not: the order is not decided',
    '  or         no driver, after nothing',
  ]);
});

test('bootText: what each stage loads, and why', () => {
  const stages = [
    { stage: 'initramfs', loads: ['nvme_core', 'nvme'], driver: 'nvme' },
    { stage: 'root', loads: [], driver: null },
  ];
  const because = [
    { file: '/etc/a', line: 3, rule: 'first' },
    { file: '/etc/b', line: null, rule: 'second' },
    { file: null, line: null, rule: 'third\x1b' },
  ];
  expect(lines({ stages, because })).toEqual([
    '01:00.0  nvme',
    '  initramfs  loads nvme_core, nvme; nvme',
    '  root       loads nothing for it; no driver',
    '  because    /etc/a:3',
    '             first',
    '             /etc/b',
    '             second',
    '             third?',
  ]);
});

test('bootText: other ends with their reasons, and what is not known', () => {
  const others = [
    { driver: 'vfio-pci', vfio: true, loads: ['a', 'b'], because: [{ file: null, line: null, rule: 'r' }] },
  ];
  const doubts = [{ file: '/f', line: 7, message: 'not understood' }, { message: 'no place' }];
  expect(lines({ others, doubts }).slice(1)).toEqual([
    '  or         vfio-pci, after a, b',
    '             r',
    '  unknown    /f:7',
    '             not understood',
    '  unknown    no place',
  ]);
});

test('bootText: words are folded, a place stays whole', () => {
  const because = [{ file: `/${'x'.repeat(40)}`, line: 1, rule: 'some words that do not fit' }];
  expect(lines({ because }, 30).slice(1)).toEqual([
    `  because    /${'x'.repeat(40)}:1`,
    '             some words that',
    '               do not fit',
  ]);
});
