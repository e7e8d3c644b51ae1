import { driverData, u8, u16, unread } from '../binary/ctype.ts';
import { since } from '../release-history.ts';
import { defineBus } from './define/bus.ts';
import { deviceFormat } from './define/device-format.ts';
import { upperHex } from './define/text.ts';

// cpu:type:x86,ven0000fam0006mod009E:feature:*
// cpu:type:x86,ven*fam*mod*:feature:*0099*
export const x86cpu = defineBus('x86cpu', {
  struct: {
    vendor: u16,
    family: u16,
    model: u16,
    steppings: unread(u16),
    feature: u16,
    flags: unread(u16),
    platform_mask: since('7.1', unread(u8)),
    type: since('6.15', unread(u8)),
    driver_data: driverData,
  },
  any: { vendor: 0xffff, family: 0, model: 0, feature: 0 },
  alias: ({ feature }, add) => {
    const alias = add.alias('cpu:type:x86,').field('ven', 'vendor').field('fam', 'family').field('mod', 'model');
    alias.text(':feature:*').text(feature ? `${upperHex(feature, 4)}*` : '');
  },
});

// cpu:type:*:feature:*0004*
export const cpu = defineBus('cpu', {
  struct: { feature: u16 },
  alias: ({ feature }, add) => {
    add.alias(`cpu:type:*:feature:*${upperHex(feature, 4)}*`);
  },
});

// drivers/base/cpu.c:print_cpu_modalias
export const cpuWithModel = deviceFormat(
  'cpu',
  'processor',
  'type:%s=type ,ven%04X=vendor fam%04X=family mod%04X=model :feature:%s=features',
  { loose: true },
);

// drivers/base/cpu.c:print_cpu_modalias, without CPU_FEATURE_TYPEVAL
export const cpuDevice = deviceFormat('cpu', 'processor', 'type:%s=type :feature:%s=features', { loose: true });
