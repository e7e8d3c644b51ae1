/**
 * Makes the Debian package twice, asks lintian for errors, installs it in a clean Debian 13 with nothing but nodejs and
 * runs the commands of the README there: npm run test:deb. The roots are made by debootstrap in the cache outside the
 * checkout, as root. Prints `ok` and `FAIL` lines; exits 0 or 1, and 2 where it cannot run.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandTable } from '../src/commands/table.ts';
import { fetchKernel } from './debian/kernel.ts';
import { debianRoot, inCopyOf, inRoot, mustInRoot } from './debian/root.ts';
import { mustRun, script } from './debian/run.ts';
import { mustCli } from './kernels/check.ts';

const SUITE = 'trixie';
const KERNEL = 'bookworm:amd64:6.12';
/** A module packed with xz, which the package unpacks without node-liblzma. */
const PACKED_MODULE = 'kernel/drivers/net/ethernet/intel/e1000e/e1000e.ko.xz';

await script(async () => {
  const work = mkdtempSync(path.join(tmpdir(), 'modalias-test-deb-'));
  const failures: string[] = [];
  const check = (name: string, wrong: string) => {
    console.log(wrong === '' ? `ok ${name}` : `FAIL ${name}: ${wrong}`);
    if (wrong !== '') failures.push(name);
  };
  try {
    const deb = made(path.join(work, 'a'), 'umask 022');
    const again = made(path.join(work, 'b'), 'umask 077; export TZ=Pacific/Auckland');
    check('the same sources make the same bytes', readFileSync(deb).equals(readFileSync(again)) ? '' : 'they differ');
    await inCopyOf(debianRoot(SUITE, ['lintian']), (copy) => {
      const inside = placed(copy, deb);
      const { status, stdout } = inRoot(copy, ['lintian', '--allow-root', '--fail-on', 'error', inside]);
      const tags = stdout.split('\n').filter((line) => /^[EWI]: /.test(line));
      check(`lintian finds no error (${tags.length} warnings)`, status === 0 ? '' : stdout);
    });
    await inCopyOf(debianRoot(SUITE, ['nodejs']), (copy) => installed(copy, deb, check));
  } finally {
    rmSync(work, { recursive: true });
  }
  return failures.length === 0;
});

/** Makes the package in a folder, in a shell that was prepared so; answers with its path. */
function made(folder: string, prepare: string): string {
  return mustRun('sh', ['-c', `${prepare}; exec npx --no-install tsx scripts/deb.ts '${folder}'`]).trim();
}

function placed(copy: string, deb: string): string {
  cpSync(deb, path.join(copy, 'tmp', path.basename(deb)));
  return `/tmp/${path.basename(deb)}`;
}

/** Installs the package, uses it, and removes it. */
function installed(copy: string, deb: string, check: (name: string, wrong: string) => void): void {
  const before = listed(copy);
  mustInRoot(copy, ['dpkg', '-i', placed(copy, deb)]);
  check('dpkg -V finds every file as packed', inRoot(copy, ['dpkg', '-V', 'modalias']).stdout);
  for (const { command, shown, given } of readmeCommands(copy))
    check(command, shown === given ? '' : `it shows\n${given}`);
  const kernel = fetchKernel(KERNEL);
  const module = path.join(kernel.indexed, PACKED_MODULE);
  cpSync(module, path.join(copy, 'tmp/e1000e.ko.xz'));
  const extracted = mustInRoot(copy, ['modalias', 'extract', '/tmp/e1000e.ko.xz']);
  const ours = mustCli(['extract', module]).toString('latin1');
  check('modalias extract unpacks .ko.xz', extracted === ours ? '' : 'it prints something else than the checkout');
  const pages = mustInRoot(copy, ['sh', '-c', 'zcat /usr/share/man/man[17]/*.gz | grep "^.TH"']);
  const missing = commandTable.filter(({ name }) => !pages.includes(`"MODALIAS-${name.toUpperCase()}"`));
  check('every command has its man page', missing.map(({ name }) => name).join(' '));
  const completion = inRoot(copy, ['bash', '-n', '/usr/share/bash-completion/completions/modalias']);
  check('bash reads its completions', completion.stderr);
  const program = "process.stdout.write(typeof require('modalias').loadAliasIndex)";
  // Where there is no /proc, Node finds itself by the path that it was started with.
  const required = inRoot(copy, ['/usr/bin/node', '-e', program]);
  check("require('modalias') finds the library", required.stdout === 'function' ? '' : required.stderr);
  mustInRoot(copy, ['dpkg', '-P', 'modalias']);
  const left = listed(copy).filter((file) => !before.includes(file));
  check('dpkg -P leaves nothing', left.join(' '));
}

/** The files of a root, but for those of dpkg, of /tmp and of root's cache. */
function listed(copy: string): string[] {
  const files = mustInRoot(copy, ['find', '/usr', '/etc', '/var', '-xdev']).split('\n');
  return files.filter((file) => !/^\/var\/(?:lib\/dpkg|log|cache)\b/.test(file));
}

interface Shown {
  readonly command: string;
  /** What the README shows. */
  readonly shown: string;
  /** What the installed program prints. */
  readonly given: string;
}

/** The commands in the console blocks of the README, run in a folder with the samples of the package. */
function readmeCommands(copy: string): Shown[] {
  const readme = readFileSync('README.md', 'utf8');
  const folder = path.join(copy, 'tmp/readme');
  mkdirSync(folder);
  cpSync(path.join(copy, 'usr/share/doc/modalias/examples/samples'), path.join(folder, 'samples'), { recursive: true });
  writeFileSync(path.join(folder, 'ids.json'), /^\$ cat ids\.json\n(.*?)^\$/ms.exec(readme)![1]!);
  const blocks = [...readme.matchAll(/^```console\n(.*?)^```/gms)].map((m) => m[1]!);
  return blocks
    .flatMap((block) => block.split(/^(?=\$ )/m))
    .map((text) => {
      const [first] = text.split('\n') as [string];
      const { status, stdout, stderr } = inRoot(copy, ['sh', '-c', `cd /tmp/readme && NO_COLOR=1 ${first.slice(2)}`]);
      const end = status === 0 ? '' : `[exit status ${status}]\n`;
      return { command: first.slice(2), shown: text.slice(first.length + 1), given: `${stdout}${stderr}${end}` };
    });
}
