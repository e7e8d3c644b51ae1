import { expect, test } from 'vitest';
import { parseAliases } from '../../../src/lookup/load.ts';
import { choose } from '../../../src/packaging/export/choose.ts';
import { EXPORT_FORMATS } from '../../../src/packaging/export/formats.ts';
import { exportNotes } from '../../../src/report/export/export-notes.ts';

const notes = (format: string, aliases: readonly string[], module = 'm') => {
  const chosen = choose(parseAliases(aliases.map((alias) => `alias ${alias} ${module}\n`).join('')));
  return exportNotes(EXPORT_FORMATS[format]!.write(chosen, { package: 'kmp' }), chosen);
};

test('exportNotes: nothing where all is written as it is', () => {
  expect(notes('rpm-suse', ['pci:v*d1*'])).toEqual([]);
});

test('exportNotes: one line for each reason, with the first patterns; all of those that are left out', () => {
  const commas = Array.from({ length: 7 }, (_, i) => `of:N*T*Ca,b${i}*`);
  expect(notes('appstream', [...commas, 'platform:a*??'])).toEqual([
    {
      code: 'wider-pattern',
      severity: 'warning',
      message: `7 patterns match more, with ? for commas and parentheses, at which isenkram-lookup splits patterns: ${commas.slice(0, 5).join(', ')} and 2 more (--json lists all)`,
    },
    {
      code: 'wider-pattern',
      severity: 'warning',
      message: '1 pattern matches more, as a ? takes a character of several bytes, too: platform:a*??',
    },
    {
      code: 'unmatched-pattern',
      severity: 'note',
      message:
        '1 pattern is not matched by libappstream and isenkram-lookup, where one character of a modalias is several bytes, as a ? takes all of it: platform:a*??',
    },
  ]);
  const long = Array.from({ length: 7 }, (_, i) => `dmi:${i}${'x'.repeat(1100)}*`);
  const [left] = notes('rpm-suse', long);
  expect(left).toMatchObject({ code: 'unmatched-pattern', severity: 'warning' });
  expect(left!.message).toMatch(/^7 patterns are left out, as older versions of libsolv/);
  expect(left!.message.match(/dmi:\dx+\.\.\./g)).toHaveLength(7);
  expect(notes('initramfs', ['pci:v*d1*'], 'a$b')[0]!.message).toBe(
    '1 module is left out, as this is not the name of a module: a$b',
  );
});

test('exportNotes: of a pattern it writes 100 characters', () => {
  const [of, more] = [100, 101].map((length) => notes('initramfs', ['pci:v*d1*'], '$'.padEnd(length, 'x'))[0]!.message);
  expect(of).toMatch(/: \$x{99}$/);
  expect(more).toMatch(/: \$x{99}\.\.\.$/);
});
