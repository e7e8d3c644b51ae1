import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandTable } from '../src/commands/table.ts';
import { parseBaseline } from '../src/packaging/baseline/baseline.ts';
import { parseLintConfig } from '../src/packaging/lint/config/lint-config.ts';
import { formatFirst, formatRelease, NEWEST_RELEASE, OLDEST_RELEASE } from '../src/release.ts';
import { parseTables } from '../src/tables/read-tables.ts';

const readme = readFileSync('README.md', 'utf8');
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((m) => m[1]!);
let dir: string;

/** A folder as a user would have it: samples, the ids.json that the README shows, the package installed. */
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'modalias-readme-'));
  cpSync('samples', join(dir, 'samples'), { recursive: true });
  mkdirSync(join(dir, 'node_modules'));
  symlinkSync(resolve('.'), join(dir, 'node_modules/modalias'));
  writeFileSync(join(dir, 'ids.json'), /^\$ cat ids\.json\n(.*?)^\$/ms.exec(readme)![1]!);
  mkdirSync(join(dir, 'bin'));
  writeFileSync(
    join(dir, 'bin/modalias'),
    `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist/start.cjs')}' "$@"\n`,
  );
  chmodSync(join(dir, 'bin/modalias'), 0o755);
});
afterAll(() => rmSync(dir, { recursive: true }));

/** What a terminal shows of a command. */
function typed(command: string): string {
  const env = { ...process.env, NO_COLOR: '1', PATH: `${join(dir, 'bin')}${delimiter}${process.env.PATH}` };
  const { stdout, stderr, status } = spawnSync('sh', ['-c', command], { cwd: dir, encoding: 'utf8', env });
  return `$ ${command}\n${stdout}${stderr}${status === 0 ? '' : `[exit status ${status}]\n`}`;
}

test('README: the commands that it shows answer what it shows', () => {
  expect(blocks('console').length).toBeGreaterThan(1);
  for (const block of blocks('console')) {
    const commands = block.split('\n').filter((line) => line.startsWith('$ '));
    expect(commands.map((line) => typed(line.slice(2))).join('')).toBe(block);
  }
});

test('README: every program that it shows compiles under --strict, runs, and prints what the text says', () => {
  const programs = [...blocks('js'), ...blocks('ts')];
  expect(programs.length).toBeGreaterThan(0);
  const names = programs.map((program, i) => {
    writeFileSync(join(dir, `example${i}.mts`), program);
    return `example${i}.mts`;
  });
  const options = '--strict --noUncheckedIndexedAccess --exactOptionalPropertyTypes --target ES2023 --module node16';
  const roots = ['--types', 'node', '--typeRoots', resolve('node_modules/@types'), '--outDir', '.'];
  const tsc = spawnSync(resolve('node_modules/.bin/tsc'), [...options.split(' '), ...roots, ...names], {
    cwd: dir,
    encoding: 'utf8',
  });
  expect(tsc.stdout).toBe('');
  for (const name of names) {
    const run = spawnSync(process.execPath, [name.replace('.mts', '.mjs')], { cwd: dir, encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(readme).toContain(`It prints \`${run.stdout.trim()}\``);
  }
});

test('README: the baseline, the configuration of lint and the id table that it shows are such', () => {
  const [baseline, config, table, ...more] = blocks('json') as [string, string, string];
  expect(more).toEqual([]);
  expect(parseBaseline(baseline, 'README.md').accepted).toHaveLength(2);
  expect(parseLintConfig(config, 'README.md').rules).toHaveLength(2);
  expect(parseTables(table)).toMatchObject({ diagnostics: [], modules: [{ module: 'mlx5_vfio_pci' }] });
});

test('README: names every command, every npm script that it speaks of is there, and the releases are those known', () => {
  for (const { name } of commandTable) expect(readme).toMatch(new RegExp(`^\\| \`${name} `, 'm'));
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  for (const [, name] of readme.matchAll(/npm (?:run )?(test(?::\w+)?|start|bench)/g))
    expect(Object.keys(scripts)).toContain(name);
  expect(readme).toContain(`kernels ${formatFirst(OLDEST_RELEASE)} to ${formatRelease(NEWEST_RELEASE)}`);
});
