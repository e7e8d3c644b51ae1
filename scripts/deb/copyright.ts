import { existsSync, readdirSync, readFileSync } from 'node:fs';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly author?: string | { readonly name: string };
  readonly contributors?: readonly (string | { readonly name: string })[];
}

/** MIT, for a package that names the licence but has no file of it. */
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/**
 * debian/copyright in its machine-readable form 1.0: the program, the packages beside it, and the code in its bundles
 * with the texts that `npm run build` collected. GPL-2 is in /usr/share/common-licenses.
 */
export function copyright(manifest: Manifest, dependencies: readonly string[], bundled: string): string {
  const gpl = `This program is free software; you can redistribute it and/or modify it under the terms of version 2 of the GNU General Public License as published by the Free Software Foundation.

On Debian systems the text of that licence is in /usr/share/common-licenses/GPL-2.`;
  const own = [
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/',
    `Upstream-Name: ${manifest.name}`,
    '',
    'Files: *',
    `Copyright: the authors of ${manifest.name}`,
    'License: GPL-2.0-only',
    folded(gpl),
    '',
  ];
  return [...own, ...dependencies.flatMap((name) => paragraph(name)), ...bundledParagraph(bundled)].join('\n');
}

function paragraph(name: string): string[] {
  const folder = `node_modules/${name}`;
  const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Manifest;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined && manifest.license !== 'MIT')
    throw new Error(`${folder} has no text of its licence, ${manifest.license}`);
  const people = [manifest.author, ...(manifest.contributors ?? [])].flatMap((person) =>
    person === undefined ? [] : typeof person === 'string' ? [person] : [person.name],
  );
  return [
    `Files: usr/share/nodejs/modalias/node_modules/${name}/*`,
    `Copyright: ${people.join(', ') || `the authors of ${name}`}`,
    `License: ${name}`,
    folded(file === undefined ? MIT : readFileSync(`${folder}/${file}`, 'utf8')),
    '',
  ];
}

function bundledParagraph(texts: string): string[] {
  return [
    'Files: usr/share/nodejs/modalias/dist/*',
    'Copyright: the authors of modalias, and those named in the texts',
    'License: GPL-2.0-only and others',
    folded(texts),
    '',
  ];
}

/** A text as the value of a field goes on: lines begin with a blank, an empty one is a dot. */
function folded(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`))
    .join('\n');
}

/** The packages in node_modules that the program loads where they are there, by the manifest; native ones are not. */
export function shippedDependencies(manifest: { readonly dependencies: Readonly<Record<string, string>> }): string[] {
  return Object.keys(manifest.dependencies).filter((name) => {
    if (existsSync(`node_modules/${name}/package.json`)) return true;
    throw new Error(`node_modules/${name} is not there; npm ci installs it`);
  });
}
