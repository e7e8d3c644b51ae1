import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { copyright, shippedDependencies } from './copyright.ts';

/** A file of the package, or a symbolic link. */
export type PackedFile = { readonly data: Buffer; readonly executable: boolean } | { readonly link: string };

const HOME = 'usr/share/nodejs/modalias';
const DOC = 'usr/share/doc/modalias';

/**
 * Every file of the Debian package by its path, from dist (`npm run build`): the program and the library where Debian's
 * Node looks for them, and its texts where man, the shells and Debian policy (12.1, 12.5, 12.7) expect them.
 */
export function packedFiles(changelog: string): Map<string, PackedFile> {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const files = new Map<string, PackedFile>();
  const put = (name: string, text: Buffer | string) => {
    const data = Buffer.from(text);
    files.set(name, { data, executable: data.toString('latin1', 0, 2) === '#!' });
  };
  put(`${HOME}/package.json`, readFileSync('package.json'));
  for (const [name, data] of filesBelow('dist'))
    if (!/^(?:man|completions)\/|^THIRD-PARTY/.test(name)) put(`${HOME}/dist/${name}`, data);
  const dependencies = shippedDependencies(manifest);
  for (const name of dependencies)
    for (const [file, data] of filesBelow(`node_modules/${name}`))
      if (/^(?:dist\/.*\.[cm]?js|package\.json)$/.test(file)) put(`${HOME}/node_modules/${name}/${file}`, data);
  files.set('usr/bin/modalias', { link: '../share/nodejs/modalias/dist/start.cjs' });
  for (const [name, data] of filesBelow('dist/man'))
    put(`usr/share/man/man${name.at(-1)}/${name}.gz`, compressed(data));
  put('usr/share/bash-completion/completions/modalias', readFileSync('dist/completions/modalias.bash'));
  put('usr/share/zsh/vendor-completions/_modalias', readFileSync('dist/completions/_modalias'));
  put('usr/share/fish/vendor_completions.d/modalias.fish', readFileSync('dist/completions/modalias.fish'));
  for (const [name, data] of filesBelow('samples'))
    if (!name.includes('node_modules/')) put(`${DOC}/examples/samples/${name}`, data);
  for (const name of ['README.md', 'CHANGELOG.md']) put(`${DOC}/${name}.gz`, compressed(readFileSync(name)));
  put(`${DOC}/changelog.gz`, compressed(Buffer.from(changelog)));
  put(`${DOC}/copyright`, copyright(manifest, dependencies, readFileSync('dist/THIRD-PARTY-LICENSES.txt', 'utf8')));
  return files;
}

/** As `gzip -9n` does: without a name or a time. */
const compressed = (data: Buffer) => gzipSync(data, { level: 9 });

/** The files below a folder by their paths in it, sorted. */
function filesBelow(folder: string): [name: string, data: Buffer][] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
    .map((file) => [path.relative(folder, file), readFileSync(file)]);
}
