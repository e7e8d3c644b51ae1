/**
 * Makes dist: the bundled command line and library, type declarations, JSON Schema, man pages, completions, licences.
 * With --if-stale only where it is older than what it is made of.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type BuildOptions, build, type Plugin, transform } from 'esbuild';
import { loadAll } from '../src/commands/table.ts';
import { WHOLE_COMMANDS } from '../src/program/whole-commands.ts';
import { completionScripts } from './completion-scripts.ts';
import { configJsonSchema, machineJsonSchema, recipeJsonSchema, tableJsonSchema } from './json-schema.ts';
import { licenceTexts } from './licences.ts';
import { edition, manPages } from './man-pages.ts';
import { ENTRY_POINTS, RUNNER_TYPES } from './public-types.ts';
import { shippedTypes } from './shipped-types.ts';
import { isStale } from './stale.ts';

if (process.argv.includes('--if-stale') && !isStale()) process.exit();
rmSync('dist', { recursive: true, force: true });
/**
 * The functions that make buses, whose results can be left out where nothing asks for them: a lookup needs the formats
 * beside the buses only.
 */
const BUS_MAKERS = /\b(?:array|bitmap|bits|chars|defineBus|deviceFormat|history|since|struct|unread|until)\(/g;
const pureBuses: Plugin = {
  name: 'pure-buses',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/bus\/[\w-]+\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(BUS_MAKERS, '/* @__PURE__ */ $&'),
      loader: 'ts',
    }));
  },
};
/** The parser of yargs, from yargs/helpers, needs nothing of what else yargs loads from there. */
const parserAlone: Plugin = {
  name: 'parser-alone',
  setup({ onResolve }) {
    onResolve({ filter: /platform-shims\/esm\.mjs$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path),
      sideEffects: false,
    }));
  },
};
const TARGET = 'node20.19';
const common: BuildOptions & { metafile: true } = {
  bundle: true,
  minifySyntax: true,
  minifyWhitespace: true,
  metafile: true,
  platform: 'node',
  mainFields: ['module', 'main'],
  target: TARGET,
  outdir: 'dist',
  alias: { 'string-width': './scripts/string-width.ts', assert: './scripts/assert.ts' },
  logLevel: 'warning',
  plugins: [parserAlone, pureBuses],
};
const external = ['node-liblzma', 'xz-decompress', 'zstddec', 'zstddec/stream'];
/**
 * Bundled apart, for code that both share would lie in many small files, and each costs half a millisecond at every
 * start.
 */
const modules = (sources: Readonly<Record<string, string>>) =>
  build({
    ...common,
    minifySyntax: false,
    minifyWhitespace: false,
    external,
    entryPoints: Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, `src/${source}.ts`])),
    splitting: true,
    format: 'esm',
    chunkNames: 'chunks/[name]-[hash]',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
/** Reads packages: left to a file of its own, as quick commands seldom need it. */
const packagesApart: Plugin = {
  name: 'packages-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/packaging\/load-aliases\.ts$/ }, () => ({ path: './load-aliases.js', external: true }));
  },
};
/** Predicts a boot: apart too, as it is a quarter of `vfio`, of which the other commands run once for each device. */
const bootApart: Plugin = {
  name: 'boot-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/boot\/boot\.ts$/ }, () => ({ path: './boot.js', external: true }));
  },
};
/** What starts quickly, see src/program/start.ts: one file for each of these commands. */
const quick = () =>
  build({
    ...common,
    entryPoints: {
      start: 'src/program/start.ts',
      ...Object.fromEntries(
        WHOLE_COMMANDS.map((name) => name.replace(' ', '-')).map((name) => [`cli-${name}`, `src/program/${name}.ts`]),
      ),
    },
    external: [...external, './cli.js'],
    plugins: [parserAlone, pureBuses, packagesApart, bootApart],
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.url': '__url' },
    banner: { js: "#!/usr/bin/env node\nconst __url = require('node:url').pathToFileURL(__filename).href;" },
  });
/** The matchers in one CommonJS file: Jest's own require() reads ES modules from Node 24.9 on only. */
const forJest = () =>
  build({
    ...common,
    external,
    entryPoints: { jest: 'src/matchers/matchers.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.url': '__url' },
    banner: { js: "const __url = require('node:url').pathToFileURL(__filename).href;" },
  });
const bundled = await Promise.all([
  modules({ cli: 'cli', 'load-aliases': 'packaging/load-aliases', boot: 'boot/boot' }),
  modules(ENTRY_POINTS),
]);
const metafiles = [...bundled, await quick(), await forJest()].map(({ metafile }) => metafile);
const written = new Set(bundled.flatMap(({ metafile }) => Object.keys(metafile.outputs)));
await Promise.all([...written].map(minifyWithConstants));
chmodSync('dist/start.cjs', 0o755);
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
shipTypes();

const commands = await loadAll();
const [packageJson, changelog] = ['package.json', 'CHANGELOG.md'].map((name) => readFileSync(name, 'utf8')) as [
  string,
  string,
];
const printed = edition(packageJson, changelog, process.env.SOURCE_DATE_EPOCH);
const texts: Record<string, string> = {
  'config.schema.json': `${JSON.stringify(configJsonSchema(), null, 1)}\n`,
  'machine.schema.json': `${JSON.stringify(machineJsonSchema(), null, 1)}\n`,
  'recipe.schema.json': `${JSON.stringify(recipeJsonSchema(), null, 1)}\n`,
  'schema.json': `${JSON.stringify(tableJsonSchema(), null, 1)}\n`,
  'THIRD-PARTY-LICENSES.txt': licenceTexts(metafiles),
  ...manPages(commands, printed),
  ...completionScripts(commands),
};
for (const [name, text] of Object.entries(texts)) {
  mkdirSync(dirname(`dist/${name}`), { recursive: true });
  writeFileSync(`dist/${name}`, text);
}

/**
 * Minifies a module, with `const` again for what is never assigned: esbuild bundles every variable of a module as
 * `var`, but V8 compiles what is known to be constant, such as a table of bytes, into the code that uses it. Without
 * that a lookup takes a tenth longer.
 */
async function minifyWithConstants(file: string): Promise<void> {
  const bundle = readFileSync(file, 'utf8');
  const assigned = new Set<string>();
  const minified = () =>
    transform(
      bundle.replace(/^var (?=(\S+) = )/gm, (keyword, name: string) => (assigned.has(name) ? keyword : 'const ')),
      { minifySyntax: true, minifyWhitespace: true, target: TARGET, logLevel: 'silent' },
    );
  const { warnings } = await minified();
  for (const { id, text } of warnings) if (id === 'assign-to-constant') assigned.add(/"(.*?)"/.exec(text)![1]!);
  writeFileSync(file, (await minified()).code);
}

/**
 * Leaves the declarations that the entry points are made of, with imports that every TypeScript resolves, and puts the
 * same beside them as those of CommonJS: to TypeScript a module that is required needs declarations of its own kind.
 */
function shipTypes(): void {
  for (const [name, declarations] of shippedTypes('dist/emitted')) {
    const file = `${name}.d.ts`;
    const text = declarations.replace(/((?:from |import\()['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2');
    for (const folder of ['types', 'types-cjs']) {
      mkdirSync(dirname(`dist/${folder}/${file}`), { recursive: true });
      writeFileSync(`dist/${folder}/${file}`, text);
    }
  }
  for (const [runner, joined] of Object.entries(RUNNER_TYPES)) {
    const text = `import type { ModaliasMatchers } from './matchers/matchers.js';
export * from './matchers/matchers.js';
${joined}
`;
    for (const folder of ['types', 'types-cjs']) writeFileSync(`dist/${folder}/${runner}.d.ts`, text);
  }
  writeFileSync('dist/types-cjs/package.json', '{ "type": "commonjs" }\n');
  rmSync('dist/emitted', { recursive: true });
}
