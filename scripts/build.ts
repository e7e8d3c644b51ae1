/** Makes dist: the bundled command line and library, type declarations, JSON Schema, man pages, completions, licences. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { build } from 'esbuild';
import { loadAll } from '../src/commands/table.ts';
import { completionScripts } from './completion-scripts.ts';
import { tableJsonSchema } from './json-schema.ts';
import { licenceTexts } from './licences.ts';
import { edition, manPages } from './man-pages.ts';

rmSync('dist', { recursive: true, force: true });
/** Bundled apart, for code that both share would lie in many small files, and each costs half a millisecond at every start. */
const bundle = (name: 'cli' | 'index') =>
  build({
    entryPoints: { [name]: `src/${name}.ts` },
    bundle: true,
    splitting: true,
    minifySyntax: true,
    minifyWhitespace: true,
    metafile: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    format: 'esm',
    target: 'node20.19',
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    alias: { 'string-width': './scripts/string-width.ts', assert: './scripts/assert.ts' },
    external: ['node-liblzma', 'xz-decompress', 'zstddec', 'zstddec/stream'],
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
const metafiles = [(await bundle('cli')).metafile, (await bundle('index')).metafile];
chmodSync('dist/cli.js', 0o755);
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });

const commands = await loadAll();
const [packageJson, changelog] = ['package.json', 'CHANGELOG.md'].map((name) => readFileSync(name, 'utf8')) as [
  string,
  string,
];
const printed = edition(packageJson, changelog, process.env.SOURCE_DATE_EPOCH);
const texts: Record<string, string> = {
  'schema.json': `${JSON.stringify(tableJsonSchema(), null, 1)}\n`,
  'THIRD-PARTY-LICENSES.txt': licenceTexts(metafiles),
  ...manPages(commands, printed),
  ...completionScripts(commands),
};
for (const [name, text] of Object.entries(texts)) {
  mkdirSync(dirname(`dist/${name}`), { recursive: true });
  writeFileSync(`dist/${name}`, text);
}
