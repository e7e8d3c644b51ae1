import { expect, test } from 'vitest';
import { configOf } from '../../src/commands/config-option.ts';

test("configOf reads this system's command line beside any configuration, and with --modules nothing that is not named", () => {
  expect(configOf({})).toEqual({ config: 'system', commandLine: '/proc/cmdline' });
  expect(configOf({ proc: '/copy/proc' })).toEqual({ config: 'system', commandLine: '/copy/proc/cmdline' });
  expect(configOf({ config: ['d'] })).toEqual({ config: ['d'], commandLine: '/proc/cmdline' });
  expect(configOf({ modules: 'm', config: ['d'] })).toEqual({ config: ['d'] });
  expect(configOf({ modules: 'm' })).toEqual({});
});
