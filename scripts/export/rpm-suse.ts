import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compiledIn, mustInRoot } from '../debian/root.ts';
import { byModule, commandOutput, exported } from './exported.ts';
import type { Reader } from './reader.ts';

/** Packages that the modules are shared out to; each takes rpmbuild some hundredths of a second. */
const PACKAGES = 64;

/**
 * rpmbuild packs the Supplements of modules as they are written, one per line; libsolv and libzypp find for each key
 * the packages of the modules that `lookup` names.
 */
export const rpmSuse: Reader = {
  name: 'rpm-suse',
  check(root, copy, { kernel, chosen, keys, expected }) {
    const failures: string[] = [];
    const names = [...new Set(chosen.patterns.flatMap(({ modules }) => modules))].sort();
    const packageOf = new Map(names.map((module, i) => [module, `p${i % PACKAGES}`]));
    const parts = byModule(chosen.patterns, (module) => packageOf.get(module)!);
    const written = new Map([...parts].map(([name, patterns]) => [name, exported('rpm-suse', patterns).text]));
    if (exported('rpm-suse', chosen.patterns).text !== commandOutput('rpm-suse', kernel))
      failures.push('the command writes something else than the format');
    mkdirSync(path.join(copy, 'tmp/rpm'), { recursive: true });
    writeFileSync(path.join(copy, 'tmp/modules.spec'), specOf(written));
    mustInRoot(copy, ['rpmbuild', '-bb', '--define', '_topdir /tmp/rpm', '/tmp/modules.spec']);
    const fileOf = (name: string) => `/tmp/rpm/RPMS/noarch/${name}-1-1.noarch.rpm`;
    for (const [name, text] of written) {
      const packed = mustInRoot(copy, ['rpm', '-qp', '--supplements', fileOf(name)])
        .split('\n')
        .sort()
        .join('\n');
      const given = text
        .replaceAll(/^Supplements: /gm, '')
        .split('\n')
        .sort()
        .join('\n');
      if (packed !== given) failures.push(`rpm -qp --supplements of ${name} does not print the lines of its spec`);
    }
    const program = compiledIn(root, copy, fileURLToPath(new URL('supplements.cc', import.meta.url)), [
      'g++ -std=c++17 -O1 -Wl,--no-as-needed -lzypp -lsolv -lsolvext',
    ]);
    const answers = mustInRoot(copy, [program, ...[...written.keys()].map(fileOf)], { input: `${keys.join('\n')}\n` });
    answers.split('\n').forEach((line, i) => {
      if (i === keys.length) return;
      const ours = new Set(expected[i]!.flatMap(({ modules }) => modules.map((module) => packageOf.get(module)!)));
      if ([...ours].sort().join(' ') !== line.split(' ').filter(Boolean).sort().join(' '))
        failures.push(`${keys[i]}: libzypp says ${line || 'none'}, lookup ${[...ours].join(' ') || 'none'}`);
    });
    return {
      failures,
      figure: `${keys.length} keys answered by libzypp as by lookup, ${written.size} packages by rpm`,
    };
  },
};

function specOf(parts: ReadonlyMap<string, string>): string {
  const head = 'Name: modules\nVersion: 1\nRelease: 1\nSummary: modules\nLicense: GPL-2.0-only\nBuildArch: noarch\n';
  const about = '%description\nmodules\n';
  const packages = [...parts].map(
    ([name, text]) =>
      `%package -n ${name}\nSummary: modules\n${text}%description -n ${name}\nmodules\n%files -n ${name}\n`,
  );
  return `${head}${about}${packages.join('')}`;
}
