import { readdirSync, readFileSync } from 'node:fs';
import type { Metafile } from 'esbuild';

/**
 * Licence texts of the packages whose code is in the bundles, by name; their licences ask for it. Throws where one has
 * none.
 */
export function licenceTexts(metafiles: readonly Metafile[]): string {
  const packages = new Set<string>();
  for (const output of metafiles.flatMap(({ outputs }) => Object.values(outputs))) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const name = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
      if (name && bytesInOutput > 0) packages.add(name[0].replace(/\/$/, ''));
    }
  }
  const texts = [...packages].sort().map((directory) => {
    const { name, version, license } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8'));
    const file = readdirSync(directory).find((f) => /^licen[cs]e/i.test(f));
    if (!file) throw new Error(`${directory} has no licence file, and its code is in the bundle`);
    return `${name} ${version} (${license})\n\n${readFileSync(`${directory}/${file}`, 'utf8').trim()}\n`;
  });
  const rule = `\n${'-'.repeat(78)}\n\n`;
  return `The bundled code of this package contains code of these packages.\n${rule}${texts.join(rule)}`;
}
