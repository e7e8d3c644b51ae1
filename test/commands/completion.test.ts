import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { completionModel } from '../../src/commands/completion-model.ts';
import { COMPLETION_SCRIPTS } from '../../src/commands/completion-scripts.ts';
import { commandTable, loadAll } from '../../src/commands/table.ts';
import { cli } from '../support/cli.ts';
import { sample } from './sample-command.ts';

const parent = { ...sample, name: 'parent', usage: '', subcommands: [sample] };
const model = completionModel([parent, { ...sample, name: 'other', summary: "it's another: [one]" }]);

/** What bash offers for a command line; the last word is the one that is being typed. */
function bashOffers(script: string, ...words: string[]): string[] {
  const lines = [
    script,
    `COMP_WORDS=(${words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')})`,
    `COMP_CWORD=${words.length - 1}`,
    '_modalias',
    `printf "%s\\n" "\${COMPREPLY[@]}"`,
  ];
  return execFileSync('bash', ['-c', lines.join('\n')], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
}

test.each([
  [
    ['modalias', ''],
    ['parent', 'other'],
  ],
  [['modalias', 'par'], ['parent']],
  [['modalias', '--v'], ['--version']],
  [['modalias', 'parent', ''], ['sample']],
  [['modalias', 'parent', 'sample', '--f'], ['--format']],
  [
    ['modalias', 'parent', 'sample', '--format', ''],
    ['alias', 'modinfo'],
  ],
  [['modalias', 'parent', 'sample', '--format', 'm'], ['modinfo']],
  [['modalias', 'parent', 'sample', 't'], ['two']],
  [['modalias', 'parent', 'sample', '-o', 'tsconfig.b'], ['tsconfig.build.json']],
])('COMPLETION_SCRIPTS.bash: %j', (words, offers) => {
  expect(bashOffers(COMPLETION_SCRIPTS.bash(model), ...words)).toEqual(offers);
});

test.each([
  ['bash', ['-n']],
  ['zsh', ['-n']],
  ['fish', ['--no-execute']],
] as const)('COMPLETION_SCRIPTS: the script of the whole command line is sound %s', async (shell, check) => {
  if (spawnSync(shell, ['--version']).error) return;
  const dir = mkdtempSync(join(tmpdir(), 'modalias-completion-'));
  const commands = await loadAll();
  for (const one of [model, completionModel(commands)]) {
    writeFileSync(join(dir, 'script'), COMPLETION_SCRIPTS[shell](one));
    execFileSync(shell, [...check, join(dir, 'script')]);
  }
  rmSync(dir, { recursive: true });
});

test('completion: prints the script of a shell; knows every command', () => {
  for (const shell of Object.keys(COMPLETION_SCRIPTS)) {
    const { status, stdout } = cli(['completion', shell]);
    expect(status).toBe(0);
    for (const { name } of commandTable) expect(stdout).toContain(name);
  }
});

test('completion: without a shell, and with an unknown one, says what there is', () => {
  expect(cli(['completion'])).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('bash, zsh, fish'),
  });
  expect(cli(['completion', 'bahs']).stderr).toContain("did you mean 'bash'?");
});

test('completion --words: words one a line, none at all where there is no such list', () => {
  expect(cli(['completion', '--words', 'device']).status).toBe(0);
  expect(cli(['completion', '--words', 'module'])).toMatchObject({ status: 0, stderr: '' });
});

test('completionWords offers what --sysfs and --modules in the typed line name', () => {
  const root = mkdtempSync(join(tmpdir(), 'modalias-words-'));
  mkdirSync(join(root, 'bus/pci/devices/0000:01:00.0'), { recursive: true });
  writeFileSync(join(root, 'modules.dep'), 'kernel/b-c.ko.xz:\nkernel/a.ko: kernel/b-c.ko.xz\n');
  const words = (kind: string, line: string) => cli(['completion', '--words', kind, '--line', line]).stdout;
  expect(words('device', `modalias vfio plan --sysfs ${root} 0`)).toBe('0000:01:00.0\n');
  expect(words('device', `modalias vfio plan --sysfs='${root}' `)).toBe('0000:01:00.0\n');
  expect(words('module', `modalias lookup -m ${root} `)).toBe('a\nb_c\n');
  expect(words('module', 'modalias lookup -m /nonexistent ')).toBe('');
  rmSync(root, { recursive: true });
});

test('COMPLETION_SCRIPTS.bash: devices and modules of the tree that the line names, also after a colon or an equals sign', async () => {
  const root = mkdtempSync(join(tmpdir(), 'modalias-complete-'));
  for (const device of ['0000:01:00.0', '0000:01:00.1', '0000:02:00.0'])
    mkdirSync(join(root, 'bus/pci/devices', device), { recursive: true });
  writeFileSync(join(root, 'modules.dep'), 'kernel/nvme.ko:\nkernel/nvme-core.ko:\n');
  const script = COMPLETION_SCRIPTS.bash(completionModel(await loadAll()));
  const cliPath = join(import.meta.dirname, '../../dist/cli.js');
  const offers = (...words: string[]) => {
    // bash breaks words at each colon and equals sign.
    const typed = words.join(' ').replace(/ ([=:]) ?/g, '$1');
    const line = [
      `modalias() { '${process.execPath}' '${cliPath}' "$@"; }`,
      `COMP_LINE='${typed}' COMP_POINT=${typed.length} COMP_WORDBREAKS=' :='`,
    ];
    return bashOffers([...line, script].join('\n'), ...words);
  };
  const plan = ['modalias', 'vfio', 'plan', '--sysfs', '=', root];
  expect(offers(...plan, '')).toEqual(['0000:01:00.0', '0000:01:00.1', '0000:02:00.0']);
  expect(offers(...plan, '0000', ':', '01', ':')).toEqual(['00.0', '00.1']);
  expect(offers('modalias', 'lookup', '-m', root, 'nvme_')).toEqual(['nvme_core']);
  expect(offers('modalias', 'lookup', '--rank', '=', 'l')).toEqual(['libvirt']);
  rmSync(root, { recursive: true });
});
