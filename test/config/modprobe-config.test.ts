import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { blacklistOfCommandLine, parseModprobeConfig } from '../../src/config/modprobe-config.ts';
import { readModprobeConfig } from '../../src/config/read-modprobe-config.ts';
import type { Diagnostic } from '../../src/errors.ts';

function parse(text: string) {
  const diagnostics: Diagnostic[] = [];
  return { ...parseModprobeConfig([{ file: 'a.conf', text }], (d) => diagnostics.push(d)), diagnostics };
}

test('parseModprobeConfig reads aliases, normalised, with one level of backslashes gone', () => {
  const { aliases } = parse('alias usb:v1-* my-mod\nalias esc\\*lit one\nalias esq\\\\*lit two\nalias a\\\nb \\\n c\n');
  expect(aliases.map((a) => [a.pattern, a.module])).toEqual([
    ['usb:v1_*', 'my_mod'],
    ['esc*lit', 'one'],
    ['esq\\*lit', 'two'],
    ['ab', 'c'],
  ]);
});

test('parseModprobeConfig skips what libkmod ignores, with a warning and its place', () => {
  const { aliases, diagnostics } = parse(
    'alias only\nalias x] y\n # no comment\n#comment\n\nnosuch a b\noptions x y\n',
  );
  expect(aliases).toEqual([]);
  expect(diagnostics.map((d) => d.line)).toEqual([1, 2, 3, 6]);
});

test('parseModprobeConfig keeps a carriage return in the last word, as libkmod does, and warns of it', () => {
  const { aliases, diagnostics } = parse('alias a b\r\nalias c d\n');
  expect(aliases.map((a) => a.module)).toEqual(['b\r', 'd']);
  expect(diagnostics).toMatchObject([{ code: 'carriage-return', severity: 'warning', line: 1 }]);
});

test('parseModprobeConfig reads commands, blacklist, softdep and weakdep', () => {
  const config = parse(
    'install a-b  /bin/true  x\nremove c echo\nblacklist d-e\nsoftdep f lost pre: g h post: i\nweakdep j k l\n',
  );
  expect(config.commands).toMatchObject([
    { kind: 'install', module: 'a_b', command: ' /bin/true  x', line: 1 },
    { kind: 'remove', module: 'c', command: 'echo' },
  ]);
  expect(config.blacklist).toMatchObject([{ module: 'd_e' }]);
  expect(config.dependencies).toMatchObject([
    { module: 'f', pre: ['g', 'h'], post: ['i'], weak: [] },
    { module: 'j', weak: ['k', 'l'] },
  ]);
});

test('parseModprobeConfig takes no options line without options, and gives no warning of it', () => {
  const { options, diagnostics } = parse('options one\noptions two a=1 b\noptions\n');
  expect(options.map((one) => [one.module, one.options, one.line])).toEqual([['two', 'a=1 b', 2]]);
  expect(diagnostics).toEqual([]);
});

test('blacklistOfCommandLine reads 4,095 bytes, as libkmod does (libkmod-config.c:kmod_config_parse_kcmdline)', () => {
  const line = (length: number) => `${' '.repeat(length - 'modprobe.blacklist=abc'.length)}modprobe.blacklist=abc`;
  const names = (text: string) => blacklistOfCommandLine(text, 'cmdline').map((one) => one.module);
  expect([names(line(4095)), names(line(4096))]).toEqual([['abc'], ['ab']]);
});

test('blacklistOfCommandLine takes modprobe.blacklist as written', () => {
  const names = (line: string) => blacklistOfCommandLine(line, 'cmdline').map((b) => b.module);
  expect(names('root=/dev/sda modprobe.blacklist=a,b-c quiet modprobe.blacklist=d\n')).toEqual(['a', 'b-c', 'd']);
  expect(names('x="modprobe.blacklist=a" module_blacklist=b')).toEqual([]);
  expect(names('modprobe.blacklist="a,b" modprobe.blacklist=c"d"')).toEqual([]);
});

const folder = mkdtempSync(join(tmpdir(), 'modalias-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('readModprobeConfig reads files by name, of two directories the first one that has it', () => {
  for (const [path, text] of [
    ['etc/b.conf', 'alias x from_b\n'],
    ['etc/.hidden.conf', 'alias x hidden\n'],
    ['etc/notes.txt', 'alias x notes\n'],
    ['lib/a.conf', 'alias x from_a\n'],
    ['lib/b.conf', 'alias x masked\n'],
    ['lib/c.alias', 'alias x from_c\n'],
    ['lib/d.conf/e.conf', ''],
    ['modules/modules.softdep', 'softdep x pre: y\n'],
  ] as const) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const problems: string[] = [];
  const config = readModprobeConfig({
    directories: [join(folder, 'etc'), join(folder, 'lib'), join(folder, 'missing')],
    modules: join(folder, 'modules'),
    diagnose: (d) => problems.push(`${d.code} ${d.file}`),
  });
  expect(problems).toEqual([`alias-file ${join(folder, 'lib/c.alias')}`]);
  expect(config.aliases.map((a) => a.module)).toEqual(['from_a', 'from_b', 'from_c']);
  expect(config.dependencies).toMatchObject([{ module: 'x', pre: ['y'] }]);
});

test('readModprobeConfig lets a link to /dev/null mask a file, and skips a link that leads nowhere', () => {
  for (const name of ['over', 'under']) mkdirSync(join(folder, name));
  symlinkSync('/dev/null', join(folder, 'over/masked.conf'));
  symlinkSync('nowhere', join(folder, 'over/lost.conf'));
  writeFileSync(join(folder, 'over/kept.conf'), 'alias x kept\n');
  writeFileSync(join(folder, 'under/masked.conf'), 'alias x masked\n');
  const problems: string[] = [];
  const config = readModprobeConfig({
    directories: [join(folder, 'over'), join(folder, 'under')],
    diagnose: (d) => problems.push(`${d.code} ${d.file}`),
  });
  expect(config.aliases.map((a) => a.module)).toEqual(['kept']);
  expect(problems).toEqual([`unreadable ${join(folder, 'over/lost.conf')}`]);
});

test('readModprobeConfig fails for what a user named and is not there, and takes a file for a directory', () => {
  const missing = join(folder, 'no/such');
  const read = (path: string) => readModprobeConfig({ directories: [path], required: true, diagnose: () => {} });
  expect(() => read(missing)).toThrow(`${missing}: cannot read: no such file or directory`);
  expect(read('/dev/null').aliases).toEqual([]);
  expect(read(join(folder, 'lib/a.conf')).aliases).toMatchObject([{ pattern: 'x', module: 'from_a' }]);
});

test('readModprobeConfig adds the blacklist of the kernel command line after that of the files', () => {
  const commandLine = join(folder, 'cmdline');
  writeFileSync(commandLine, 'quiet modprobe.blacklist=one,two-b root=/dev/vda\n');
  writeFileSync(join(folder, 'black.conf'), 'blacklist zero\n');
  const read = (line: string) =>
    readModprobeConfig({ directories: [join(folder, 'black.conf')], commandLine: line, diagnose: () => {} }).blacklist;
  expect(read(commandLine).map((b) => b.module)).toEqual(['zero', 'one', 'two-b']);
  expect(read(commandLine)[1]).toMatchObject({ file: commandLine, line: 1 });
  expect(read(join(folder, 'no-proc')).map((b) => b.module)).toEqual(['zero']);
});

test('readModprobeConfig stops reading a file that does not end', () => {
  const problems: string[] = [];
  const config = readModprobeConfig({ directories: ['/dev/zero'], diagnose: (d) => problems.push(d.code) });
  expect(config.aliases).toEqual([]);
  expect(problems).toEqual(['too-big']);
});
