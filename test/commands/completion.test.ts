import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { completionModel } from '../../src/command-line/completion-model.ts';
import { COMPLETION_SCRIPTS } from '../../src/command-line/completion-scripts.ts';
import { commandTable, loadAll } from '../../src/commands/table.ts';
import { sample } from '../command-line/sample-command.ts';
import { cli } from '../support/cli.ts';

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

test('COMPLETION_SCRIPTS.bash: a folder is a file name to bash, and keeps the blanks in its own', () => {
  const root = mkdtempSync(join(tmpdir(), 'modalias-folders-'));
  mkdirSync(join(root, 'two words'));
  writeFileSync(join(root, 'two files'), '');
  const script = `compopt() { COMPOPTS="$*"; }\n${COMPLETION_SCRIPTS.bash(model)}`;
  const shown = (...words: string[]) =>
    bashOffers(`${script}\ntrap 'printf "%s\\n" "$COMPOPTS"' EXIT`, 'modalias', 'parent', 'sample', ...words);
  expect(shown('-o', `${root}/two`).sort()).toEqual(['-o filenames', `${root}/two files`, `${root}/two words`]);
  expect(shown('--format', '')).toEqual(['alias', 'modinfo']);
  rmSync(root, { recursive: true });
});

test('COMPLETION_SCRIPTS.zsh: the script can be sourced, with and without compinit before it', async () => {
  if (spawnSync('zsh', ['--version']).error) return;
  const dir = mkdtempSync(join(tmpdir(), 'modalias-completion-'));
  writeFileSync(join(dir, 'script'), COMPLETION_SCRIPTS.zsh(completionModel(await loadAll())));
  for (const before of ['', 'autoload -Uz compinit; compinit -D -u;']) {
    const line = `${before} source ${join(dir, 'script')} && print -r -- $_comps[modalias]`;
    const run = spawnSync('zsh', ['-f', '-c', line], {
      encoding: 'utf8',
      env: { ...process.env, HOME: dir, ZDOTDIR: dir },
    });
    expect(run).toMatchObject({ status: 0, stdout: '_modalias\n', stderr: '' });
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
  expect(cli(['completion', 'tcsh']).stderr).toMatch(/is one of bash, zsh, fish; found 'tcsh' \(/);
});

test('completion --words: words one per line, none at all where there is no such list', () => {
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

/** A sysfs with devices on several buses, and modules, one of each with a name that a shell would run. */
function hostileTree(): string {
  const root = mkdtempSync(join(tmpdir(), 'modalias-complete-'));
  for (const device of [
    'pci/devices/0000:01:00.0',
    'platform/devices/fff10000.dma',
    'amba/devices/2c0a0000.pl330',
    'css/devices/0.0.0a1b',
    'fsl-mc/devices/dprc.1',
    'usb/devices/1-1',
    'platform/devices/$(touch ran).0',
    'platform/devices/a b',
  ])
    mkdirSync(join(root, 'bus', device), { recursive: true });
  writeFileSync(join(root, 'modules.dep'), 'kernel/nvme.ko:\nkernel/$(touch ran).ko:\nkernel/`touch ran`.ko:\n');
  return root;
}

test('completionWords offers devices of every bus that VFIO knows, and nothing that a shell would run', () => {
  const root = hostileTree();
  const words = (kind: string, option: string) =>
    cli(['completion', '--words', kind, '--line', `modalias x ${option} ${root} `]).stdout;
  expect(words('device', '--sysfs')).toBe('0.0.0a1b\n0000:01:00.0\n2c0a0000.pl330\ndprc.1\nfff10000.dma\n');
  expect(words('module', '-m')).toBe('nvme\n');
  rmSync(root, { recursive: true });
});

/** Runs the real shell, with the script where it looks for it, and answers with what it offers. */
const asked: Readonly<
  Record<'fish' | 'zsh', (root: string, line: string) => readonly [script: string, args: string[]]>
> = {
  fish: (root, line) => ['script', ['-c', 'source $argv[1]/script; complete -C $argv[2]', root, line]],
  zsh: (root, line) => ['_modalias', ['test/support/zsh-offers.zsh', root, line]],
};

test.each(['fish', 'zsh'] as const)(
  'COMPLETION_SCRIPTS.%s: the shell itself offers what the script says',
  async (shell) => {
    if (spawnSync(shell, ['--version']).error) return;
    const root = hostileTree();
    const path = join(root, 'modalias');
    writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist/cli.js')}' "$@"\n`, { mode: 0o755 });
    const env = { ...process.env, HOME: root, PATH: `${root}:${process.env.PATH}` };
    const model = completionModel(await loadAll());
    const offers = (line: string) => {
      const [script, args] = asked[shell](root, line);
      writeFileSync(join(root, script), COMPLETION_SCRIPTS[shell](model));
      const words = execFileSync(shell, args, { encoding: 'utf8', env, timeout: 300_000 }).split('\n');
      return shell === 'fish'
        ? words.map((word) => word.split('\t')[0]!).filter(Boolean)
        : words.flatMap((word) => /<(.*)>/.exec(word)?.[1] ?? []);
    };
    expect(offers('modalias loo')).toEqual(['lookup']);
    expect(offers(`modalias vfio plan --sysfs ${root} fff`)).toEqual(['fff10000.dma']);
    expect(offers(`modalias lookup -m ${root} nv`)).toEqual(['nvme']);
    expect(offers('modalias lookup --rank l')).toEqual(['libvirt']);
    expect(existsSync(join(root, 'ran'))).toBe(false);
    rmSync(root, { recursive: true });
  },
);
