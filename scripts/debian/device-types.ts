import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { byVersion, openArchive, packageNames, unpackPackages } from './apt.ts';
import { keptFolder } from './cache.ts';
import type { Modpost } from './modpost.ts';

/**
 * A device-table type has the form of a C identifier without a double underscore, which parts it from the table's name.
 */
const TYPE = /^[a-z](?!.*__)[a-z0-9_]{1,23}$/;

/**
 * Words in the program itself that may be names of device-table types: its own table of them (file2alias.c:devtable) is
 * among them.
 */
export function wordsOf(modpost: Modpost): string[] {
  const text = readFileSync(modpost.at(-1)!, 'latin1');
  return [...new Set(text.split(/[^\x20-\x7e]/).filter((word) => TYPE.test(word)))];
}

/**
 * What the device-table types of the structs in a release's headers may be called: `mips_cdmm_device_id` makes
 * mips_cdmm, mipscdmm, mips and cdmm. Empty where the archive no longer holds the headers.
 */
export function typesOfHeaders(suite: string, arch: string, series: string): string[] {
  const folder = keptFolder(['headers', `${suite}-${series}`], (empty) =>
    [false, true].some((fresh) => {
      const archive = openArchive(suite, arch, fresh);
      const names = packageNames(archive, `^linux-headers-${series.replaceAll('.', '\\.')}[.+-].*common$`);
      const newest = names
        .filter((name) => !name.includes('-rt'))
        .sort(byVersion)
        .at(-1);
      return newest !== undefined && unpackPackages(archive, [newest], empty);
    }),
  );
  if (!folder) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const headers = files.filter((f) => /\/include\/linux\/(mod_devicetable|device-id\/[^/]+)\.h$/.test(f));
  const structs = headers.flatMap((f) => [
    ...readFileSync(path.join(folder, f), 'utf8').matchAll(/^struct (\w+?)(?:_device)?_id \{/gm),
  ]);
  return [...new Set(structs.flatMap(([, stem]) => spellings(stem!)))].filter((name) => TYPE.test(name));
}

function spellings(stem: string): string[] {
  return [stem, stem.replaceAll('_', ''), ...stem.split('_')];
}
