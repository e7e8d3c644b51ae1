import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeIndex } from '../../src/index-file/index-writer.ts';
import { cli } from '../support/cli.ts';

const HEADER = '# Aliases extracted from modules themselves.\n';
const VFIO = 'alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio-pci\n';
let dir: string;
const at = (name: string) => join(dir, name);

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'modalias-generate-'));
  const vfio = { module: 'vfio-pci', tables: [{ bus: 'pci', rows: [{ override_only: 'vfio' }] }] };
  const e1000 = {
    module: 'e1000',
    tables: [{ bus: 'pci', name: 'ids', rows: [{ vendor: '0x8086', device: '0x100e' }] }],
  };
  const skipped = { module: 'odd', tables: [{ bus: 'pci', name: 'ids', rows: [{}, { override_only: 9 }] }] };
  writeFileSync(at('vfio.json'), JSON.stringify(vfio));
  writeFileSync(at('two.json'), JSON.stringify([vfio, e1000]));
  writeFileSync(at('lines.json'), `${JSON.stringify(e1000)}\n${JSON.stringify(vfio)}\n`);
  writeFileSync(at('skipped.json'), JSON.stringify(skipped, null, 1));
  writeFileSync(
    at('bad.json'),
    '{"module":"bad","tables":[{"bus":"pci","rows":[{"vendor":-1},\n{"devise":1}]}]}\n{"module":"good","aliases":["x"]}',
  );
  writeFileSync(
    at('own.json'),
    JSON.stringify({ ...vfio, aliases: ['vfio_pci:v*d*sv*sd*bc*sc*i*', 'char-major-10-196', 'q"\\\xe9?'] }),
  );
});
afterAll(() => rmSync(dir, { recursive: true }));

test('generate: the header line, then the aliases of files in their order, of objects in theirs', () => {
  const run = cli(['generate', at('lines.json'), at('vfio.json'), at('two.json')]);
  const e1000 = 'alias pci:v00008086d0000100Esv*sd*bc*sc*i* e1000\n';
  expect(run).toEqual({ status: 0, stdout: HEADER + e1000 + VFIO + VFIO + VFIO + e1000, stderr: '' });
});

test('generate: standard input by - or when no file is named', () => {
  const input = readFileSync(at('vfio.json'), 'utf8');
  expect(cli(['generate', '-'], { input }).stdout).toBe(HEADER + VFIO);
  expect(cli(['generate'], { input }).stdout).toBe(HEADER + VFIO);
  expect(cli(['generate', '-', '-'], { input })).toMatchObject({ status: 2, stdout: '' });
});

test.each([
  ['alias', `${HEADER + VFIO}alias char-major-10-196 vfio-pci\nalias q"\\\xe9? vfio-pci\n`],
  ['modinfo', 'alias=vfio_pci:v*d*sv*sd*bc*sc*i*\nalias=char-major-10-196\nalias=q"\\\xe9?\n'],
  [
    'c',
    'MODULE_ALIAS("vfio_pci:v*d*sv*sd*bc*sc*i*");\nMODULE_ALIAS("char-major-10-196");\nMODULE_ALIAS("q\\"\\\\\\351?");\n',
  ],
])('generate: --format %s; aliases of its own that the tables make already are not repeated', (format, text) => {
  expect(cli(['generate', '--format', format, at('own.json')]).stdout).toBe(text);
});

test('generate: --format c compiles to the very bytes', () => {
  writeFileSync(
    at('a.c'),
    `#define MODULE_ALIAS(s) puts(s)\n#include <stdio.h>\nint main(void) {\n${cli(['generate', '--format', 'c', at('own.json')]).stdout}return 0; }\n`,
    'latin1',
  );
  execFileSync('cc', ['-o', at('a.out'), at('a.c')]);
  expect(execFileSync(at('a.out'), { encoding: 'latin1' })).toBe(
    'vfio_pci:v*d*sv*sd*bc*sc*i*\nchar-major-10-196\nq"\\\xe9?\n',
  );
});

test('generate: --format c names the module where there are several', () => {
  expect(cli(['generate', '--format', 'c', at('two.json')]).stdout).toMatch(
    /^\/\* vfio-pci \*\/\n.*\n\/\* e1000 \*\/\n.*\n$/,
  );
});

test('generate: a skipped row is a warning with file, line, pointer, module, table and row', () => {
  const run = cli(['generate', at('skipped.json')]);
  expect(run).toMatchObject({ status: 0, stdout: `${HEADER}alias pci:v*d*sv*sd*bc*sc*i* odd\n` });
  expect(run.stderr).toMatch(
    /^modalias: warning: .*skipped\.json:9: \/tables\/0\/rows\/1: odd, table ids, row 1: .*9\n$/,
  );
});

test('generate: --werror makes warnings exit status 1, and nothing is written but with --keep-going', () => {
  expect(cli(['generate', '--werror', at('skipped.json')])).toMatchObject({ status: 1, stdout: '' });
  expect(cli(['generate', '--werror', '--keep-going', at('skipped.json')])).toMatchObject({
    status: 1,
    stdout: `${HEADER}alias pci:v*d*sv*sd*bc*sc*i* odd\n`,
  });
  expect(cli(['generate', '--werror', at('vfio.json')]).status).toBe(0);
});

test('generate: a note is reported but is no warning, also with --werror', () => {
  const input = '{"module":"a","tables":[{"bus":"cdx","rows":[{"class":1}]}]}';
  const run = cli(['generate', '--werror', '-'], { input });
  expect(run).toMatchObject({ status: 0, stdout: `${HEADER}alias cdx:v*d*sv*sd*c00000001 a\n` });
  expect(run.stderr).toContain('modalias: note: ');
});

test('generate: every problem of every file is reported, nothing is printed, exit status 2', () => {
  const run = cli(['generate', at('bad.json'), at('vfio.json'), at('missing.json')]);
  expect(run).toMatchObject({ status: 2, stdout: '' });
  expect(run.stderr.split('\n').map((line) => line.replace(/^modalias: error: \S*\//, '').slice(0, 44))).toEqual([
    'bad.json:1: /tables/0/rows/0/vendor: found -1, wanted'.slice(0, 44),
    'bad.json:2: /tables/0/rows/1/devise: found an'.slice(0, 44),
    'missing.json: cannot read: no such file or d'.slice(0, 44),
    '',
  ]);
});

test('generate: --keep-going writes what is sound and still exits 2', () => {
  const run = cli(['generate', '--keep-going', at('bad.json'), at('vfio.json'), at('missing.json')]);
  expect(run).toMatchObject({ status: 2, stdout: `${HEADER}alias x good\n${VFIO}` });
});

test('generate: -o writes the whole file, and leaves an old one alone after an error', () => {
  expect(cli(['generate', '-o', at('out'), at('vfio.json')])).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(readFileSync(at('out'), 'utf8')).toBe(HEADER + VFIO);
  const before = statSync(at('out'));
  expect(cli(['generate', '-o', at('out'), at('bad.json')]).status).toBe(2);
  expect(cli(['generate', '-o', at('out'), '--werror', at('skipped.json')]).status).toBe(1);
  expect(statSync(at('out'))).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  expect(cli(['generate', '-o', at('out'), '--keep-going', at('bad.json')]).status).toBe(2);
  expect(readFileSync(at('out'), 'utf8')).toBe(`${HEADER}alias x good\n`);
  expect(cli(['generate', '-o', at('no/out'), at('vfio.json')])).toMatchObject({ status: 2, stdout: '' });
  expect(cli(['generate', '-o', '-', at('vfio.json')]).stdout).toBe(HEADER + VFIO);
  expect(readdirSync(dir).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('generate: --kernel takes the place of what the files say; an unknown one is an error, a newer one a warning', () => {
  const typec = (kernel: string) =>
    JSON.stringify({ module: 'a', kernel, tables: [{ bus: 'typec', rows: [{ svid: '0xff01', mode: 1 }] }] });
  expect(cli(['generate'], { input: typec('6.1') }).stdout).toBe(`${HEADER}alias typec:idFF01m01 a\n`);
  expect(cli(['generate', '--kernel', '7.2'], { input: typec('6.1') }).stdout).toBe(`${HEADER}alias typec:idFF01 a\n`);
  expect(cli(['generate', '--kernel', '99.9'], { input: typec('6.1') })).toMatchObject({
    status: 0,
    stdout: `${HEADER}alias typec:idFF01 a\n`,
    stderr: expect.stringContaining('99.9 is newer than'),
  });
  const newer = ['generate', '--kernel', '99.9', '--werror', '--json'];
  const refused = cli(newer, { input: typec('6.1') });
  expect(refused.status).toBe(1);
  expect(JSON.parse(refused.stdout)).toMatchObject({ aliases: [], diagnostics: [{ code: 'newer-release' }] });
  expect(cli(['generate', '--kernel', '4.4'], { input: '' }).status).toBe(2);
  expect(cli(['generate', '--kernel', 'six'], { input: '' }).status).toBe(2);
});

test.each([
  ['6.1.123', 'b*v*p*e*-e*k*r*0,*a*m*l*s*f*w*'],
  ['6.1.124', 'b*v*p*e*-e*k*r*0,*F,*a*m*l*s*f*w*'],
  ['6.1', 'b*v*p*e*-e*k*r*0,*F,*a*m*l*s*f*w*'],
  ['6.1.0-56-amd64', 'b*v*p*e*-e*k*r*0,*F,*a*m*l*s*f*w*'],
])('generate: --kernel %s, and kernel in a file, follow what the series took over by that point', (kernel, alias) => {
  const module = { module: 'a', tables: [{ bus: 'input', rows: [{ relbit: [0, 15] }] }] };
  const made = `${HEADER}alias input:${alias} a\n`;
  expect(cli(['generate', '--kernel', kernel], { input: JSON.stringify(module) }).stdout).toBe(made);
  expect(cli(['generate'], { input: JSON.stringify({ ...module, kernel }) }).stdout).toBe(made);
});

test('generate: a type that came to an older series at a point is named with it', () => {
  const module = { module: 'a', tables: [{ bus: 'mcb', rows: [{ device: 7 }] }] };
  const run = (kernel: string) => cli(['generate', '--kernel', kernel], { input: JSON.stringify(module) });
  expect(run('6.18').stdout).toBe(`${HEADER}alias mcb:16z007 a\n`);
  expect(run('6.18.3')).toMatchObject({
    stdout: HEADER,
    stderr: expect.stringContaining('the first releases that do are 6.18.4 in its own series and 6.19'),
  });
});

test('generate: --json is one document with the rows of the aliases and the diagnostics', () => {
  expect(JSON.parse(cli(['generate', '--json', at('own.json')]).stdout)).toMatchObject({
    version: 1,
    aliases: [
      { alias: 'vfio_pci:v*d*sv*sd*bc*sc*i*', module: 'vfio-pci', file: at('own.json'), table: 0, row: 0 },
      { alias: 'char-major-10-196', module: 'vfio-pci' },
      { module: 'vfio-pci' },
    ],
    diagnostics: [],
  });
  const { aliases } = JSON.parse(cli(['generate', '--json', at('own.json')]).stdout);
  expect(Object.keys(aliases[0])).toEqual(['alias', 'table', 'row', 'module', 'file']);
  const failed = cli(['generate', '--json', at('bad.json')]);
  expect(failed.status).toBe(2);
  expect(JSON.parse(failed.stdout)).toMatchObject({
    version: 1,
    aliases: [],
    diagnostics: [{ code: 'bad-value', line: 1, file: at('bad.json') }, { code: 'unknown-field' }],
  });
});

test('generate: --check compares lines as sets and says what was gained and lost', () => {
  const e1000 = 'alias pci:v00008086d0000100Esv*sd*bc*sc*i* e1000\n';
  const check = (text: string, ...args: readonly string[]) => {
    writeFileSync(at('expected'), text);
    return cli(['generate', '--check', at('expected'), ...args]);
  };
  expect(check(HEADER + VFIO + e1000, at('lines.json'))).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(check(`${e1000}\r\n# mine\n${VFIO}${VFIO}`, at('lines.json'))).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(check(`${e1000}alias gone a\n`, at('two.json'))).toEqual({
    status: 1,
    stdout: `-alias gone a\n+${VFIO}`,
    stderr: '',
  });
  const json = check('alias gone a\n', '--json', at('vfio.json'));
  expect([json.status, JSON.parse(json.stdout)]).toEqual([
    1,
    { version: 1, gained: [VFIO.trim()], lost: ['alias gone a'], diagnostics: [] },
  ]);
  const [c] = [cli(['generate', '--format', 'c', at('two.json')]).stdout];
  expect(check(c!, '--format', 'c', at('lines.json'))).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('generate: --check of unsound input is no answer, nor is one of a file that is not there', () => {
  writeFileSync(at('expected'), 'alias x good\n');
  expect(cli(['generate', '--check', at('expected'), at('bad.json')])).toMatchObject({ status: 2, stdout: '' });
  expect(cli(['generate', '--check', at('expected'), '--werror', at('skipped.json')])).toMatchObject({
    status: 1,
    stdout: '',
  });
  const sound = cli(['generate', '--keep-going', '--check', at('expected'), at('bad.json'), at('vfio.json')]);
  expect(sound).toMatchObject({ status: 2, stdout: `+${VFIO}` });
  expect(cli(['generate', '--check', at('no/such'), at('vfio.json')]).status).toBe(2);
  expect(cli(['generate', '--check', at('expected'), '-o', at('out'), at('vfio.json')]).status).toBe(2);
  expect(cli(['generate', '--check', '-', '-'], { input: '[]' }).status).toBe(2);
});

test('generate: --check refuses what is not text, and says what it is', () => {
  const refused = (bytes: Uint8Array) => {
    writeFileSync(at('odd'), bytes);
    const { status, stdout, stderr } = cli(['generate', '--check', at('odd'), at('vfio.json')]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    return stderr;
  };
  expect(refused(writeIndex([{ key: 'a', value: 'b', priority: 0 }], 'post'))).toContain('is binary; expected lines');
  expect(refused(gzipSync('alias a b\n'))).toContain('is compressed with gzip');
});

test('generate: binary input is one error, not one for each of its parts', () => {
  const { status, stdout, stderr } = cli(['generate', '/dev/zero']);
  expect({ status, stdout, stderr }).toEqual({
    status: 2,
    stdout: '',
    stderr:
      'modalias: error: /dev/zero:1: /: found binary data, expected a module object, an array of them, or one per line\n',
  });
});

test('generate: a bus whose name is longer than the type is met with the type', () => {
  const input = JSON.stringify({ module: 'm', tables: [{ bus: 'slimbus', name: 't', rows: [] }] });
  expect(cli(['generate', '-'], { input }).stderr).toContain("; did you mean 'slim'?");
});

test('generate: a bus in upper case is met with the type', () => {
  const input = JSON.stringify({ module: 'm', tables: [{ bus: 'PCI', rows: [] }] });
  expect(cli(['generate', '-'], { input }).stderr).toContain("; did you mean 'pci'?");
});

test('generate: control characters of the input are shown, not sent to the terminal', () => {
  const rows = [{ override_only: 9 }];
  const module = { module: 'a', tables: [{ bus: 'pci', name: '\x1b[2J\n%', rows }] };
  const { stderr } = cli(['generate', '-', 'no\x1b]0;such\x07'], {
    input: `\x1b\n${JSON.stringify(module).replace('%', '\\u009b')}`,
  });
  expect(stderr).not.toMatch(/[^\n -~]/);
  expect(stderr.split('\n')).toHaveLength(4);
  expect(stderr).toContain("found '\\x1b'");
  expect(stderr).toContain('table \\x1b[2J\\x0a\\x9b, row 0');
  expect(cli(['generate', 'a\u202eb\u2028']).stderr).toContain('a\\u202eb\\u2028: cannot read');
});

test('generate: an empty list of modules is the header alone', () => {
  expect(cli(['generate'], { input: '[]' })).toEqual({ status: 0, stdout: HEADER, stderr: '' });
});

test('generate: a pipe that closes early ends it without a word', () => {
  const module = { module: 'a', aliases: Array.from({ length: 100_000 }, (_, i) => `alias-${i}`) };
  writeFileSync(at('big.json'), JSON.stringify(module));
  const script = `node dist/cli.js generate ${at('big.json')} | head -n 1`;
  expect(
    execFileSync('bash', ['-c', `set -o pipefail; ${script}`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
  ).toBe(HEADER);
});

test('generate: the rows of a large table are not held', () => {
  const rows = Array.from({ length: 250_000 }, (_, i) => `{"vendor":${i >> 8},"device":${i & 0xffff}}`).join();
  writeFileSync(at('large.json'), `{"module":"a","tables":[{"bus":"pci","rows":[${rows}]}]}`);
  // Megabytes: over 64 with the rows, 48 without them.
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--max-old-space-size=58', 'dist/cli.js', 'generate', at('large.json')],
    { encoding: 'latin1', maxBuffer: 1 << 28 },
  );
  expect([status, stdout.length]).toEqual([
    0,
    HEADER.length + 250_000 * 'alias pci:v00000000d00000000sv*sd*bc*sc*i* a\n'.length,
  ]);
});
