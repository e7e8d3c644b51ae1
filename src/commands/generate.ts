import { ALIAS_FORMATS, type AliasFormat, compareLines, type LineChanges } from '../alias/alias-formats.ts';
import { type GeneratedFiles, generateFiles } from '../alias/generate-files.ts';
import { type Args, type Command, EXIT, statusOf } from '../command-line/command.ts';
import { print, printDiagnostics } from '../command-line/output.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { inFile, readWhole } from '../files/read.ts';
import { writeWhole } from '../files/write.ts';
import { otherFile } from '../lookup/no-aliases.ts';
import { knownRelease, type Release } from '../release.ts';
import { diagnosticMember } from '../report/answer-json.ts';

export const generate: Command = {
  name: 'generate',
  usage: '[file..]',
  summary: 'make modules.alias lines from JSON id tables',
  description: [
    "Prints the aliases that the kernel's modpost would make of the device id tables in the FILEs: one object, an array of them, or one object per line. With no FILE, or when FILE is -, reads standard input.",
    'Every problem is reported with its file, line and JSON pointer. Rows that modpost skips are warnings. After an error nothing is written and an existing output file is left unchanged.',
  ],
  positionals: { file: { describe: 'JSON id tables; - is standard input' } },
  options: {
    output: { alias: 'o', type: 'string', defaultDescription: 'file', describe: 'Write to FILE, atomically' },
    kernel: {
      type: 'string',
      defaultDescription: 'release',
      describe:
        "Follow the rules of this kernel release, whatever the files say: 6.12 is the newest of its series, 6.12.9 is itself (default: the file's, else the newest)",
    },
    format: {
      choices: Object.keys(ALIAS_FORMATS),
      default: 'alias',
      describe: 'modules.alias lines, .modinfo strings, or MODULE_ALIAS lines for a .mod.c',
    },
    'keep-going': { type: 'boolean', describe: 'After errors, still write what is valid (exit status 2)' },
    check: {
      type: 'string',
      defaultDescription: 'file',
      describe:
        'Write nothing; compare with the lines of FILE in any order, and print those gained (+) and lost (-); exit status 1 if any',
    },
    werror: { type: 'boolean', describe: 'Treat warnings as errors (exit status 1)' },
    json: {
      type: 'boolean',
      describe:
        'Print one JSON document: aliases with their rows (with --check: lines gained and lost), and diagnostics',
    },
  },
  examples: [
    ['modalias generate samples/vfio-pci.json samples/mlx5.json', 'Print the aliases of two modules'],
    ['modalias extract mydriver.ko | modalias generate --kernel 6.12 -o modules.alias', 'From a driver to a file'],
    ['modalias generate --check modules.alias.expected ids.json', 'In CI: was an alias gained or lost?'],
    ['modalias generate --format c ids.json > aliases.mod.c', 'Lines to compile into a module'],
  ],
  exits: { 1: 'with --werror, there were warnings and nothing was written; with --check, the lines differ' },
  async run(args) {
    const paths = inputs(args.file as string[]);
    const expected = await readExpected(args, paths);
    const warnings: Diagnostic[] = [];
    const options = typeof args.kernel === 'string' ? { release: kernelRelease(args.kernel, warnings) } : {};
    const { modules, diagnostics } = await generateFiles(paths, options);
    const made = { modules, diagnostics: [...warnings, ...diagnostics] };
    printDiagnostics(made.diagnostics);
    const status = statusOf(made.diagnostics, args.werror === true);
    const write = status === EXIT.ok || args.keepGoing === true;
    const lines = () => ALIAS_FORMATS[args.format as AliasFormat](made.modules);
    if (expected !== undefined) {
      const changes = write ? compareLines(expected, [...lines()].join('')) : { gained: [], lost: [] };
      await printChanges(changes, made.diagnostics, args);
      const same = changes.gained.length + changes.lost.length === 0;
      return status === EXIT.ok && !same ? EXIT.no : status;
    }
    const parts = args.json ? [document(made, write)] : lines();
    const encoding = args.json ? 'utf8' : 'latin1';
    if (write && typeof args.output === 'string' && args.output !== '-')
      await writeWhole(args.output, Buffer.concat(Array.from(parts, (part) => Buffer.from(part, encoding))));
    else if (write || (args.json && args.output === undefined)) for (const part of parts) await print(part, encoding);
    return status;
  },
};

/** The lines that --check names; undefined without it. */
async function readExpected(args: Args, inputs: readonly string[]): Promise<string | undefined> {
  if (typeof args.check !== 'string') return undefined;
  if (args.output !== undefined)
    throw new ModaliasError('usage', 'generate: --check writes nothing; omit --output, or compare in a second run');
  if (args.check === '-' && inputs.includes('-'))
    throw new ModaliasError('usage', 'generate: standard input (-) can be read only once');
  const bytes = await readWhole(args.check);
  const { file } = inFile(args.check);
  const other = otherFile(bytes, file);
  if (other) throw other;
  if (bytes.includes(0)) {
    const message = 'is binary; expected lines as generate writes them, such as those of modules.alias';
    throw new ModaliasError('not-aliases', message, { file });
  }
  return bytes.toString('latin1');
}

async function printChanges({ gained, lost }: LineChanges, diagnostics: readonly Diagnostic[], args: Args) {
  if (args.json)
    return print(`${JSON.stringify({ version: 1, gained, lost, diagnostics: diagnostics.map(diagnosticMember) })}\n`);
  return print([...lost.map((line) => `-${line}\n`), ...gained.map((line) => `+${line}\n`)].join(''), 'latin1');
}

function kernelRelease(text: string, warnings: Diagnostic[]): Release {
  return knownRelease(text, (message) =>
    warnings.push({ code: 'newer-release', severity: 'warning', message: `--kernel ${message}` }),
  );
}

function inputs(files: readonly string[]): readonly string[] {
  if (files.filter((file) => file === '-').length > 1) {
    throw new ModaliasError('usage', 'generate: standard input (-) can be read only once');
  }
  if (files.length === 0 && process.stdin.isTTY) {
    throw new ModaliasError('usage', 'generate: name a FILE, or - to type at the terminal (modalias generate --help)');
  }
  return files.length === 0 ? ['-'] : files;
}

function document({ modules, diagnostics }: GeneratedFiles, sound: boolean): string {
  const aliases = modules.flatMap(({ file, module, aliases }) =>
    aliases.map(({ alias, table, row }) => ({ alias, table, row, module, file })),
  );
  return `${JSON.stringify({ version: 1, aliases: sound ? aliases : [], diagnostics: diagnostics.map(diagnosticMember) })}\n`;
}
