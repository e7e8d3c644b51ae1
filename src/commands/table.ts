import type { Command, CommandEntry } from '../command-line/command.ts';

/** Every command, in the order in which --help lists them. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'generate',
    usage: '[file..]',
    summary: 'make modules.alias lines from JSON id tables',
    load: async () => (await import('./generate.ts')).generate,
  },
  {
    name: 'build',
    usage: '<dir>',
    summary: 'write modules.alias and the .bin indexes of a modules directory',
    load: async () => (await import('./build.ts')).build,
  },
  {
    name: 'extract',
    usage: '<path..>',
    summary: 'write the id tables of kernel modules as JSON',
    load: async () => (await import('./extract.ts')).extract,
  },
  {
    name: 'lookup',
    usage: '<modalias..>',
    summary: 'name the modules that serve a modalias',
    load: async () => (await import('./lookup.ts')).lookup,
  },
  {
    name: 'explain',
    usage: '<modalias>',
    summary: 'explain which modules serve a modalias',
    load: async () => (await import('./explain.ts')).explain,
  },
  {
    name: 'verify',
    usage: '<dir..>',
    summary: 'check every alias of a modules directory, from the id tables to the index',
    load: async () => (await import('./verify.ts')).verify,
  },
  {
    name: 'lint',
    usage: '[path..]',
    summary: 'find faults in aliases and id tables that no other tool reports',
    load: async () => (await import('./lint.ts')).lint,
  },
  {
    name: 'diff',
    usage: '[path..]',
    summary: 'say which devices gain, lose or change their driver between two kernels',
    load: async () => (await import('./diff.ts')).diff,
  },
  {
    name: 'coverage',
    usage: '',
    summary: 'say which devices of machines each kernel serves, and where that changes',
    load: async () => (await import('./coverage.ts')).coverage,
  },
  {
    name: 'export',
    usage: '<format>',
    summary: 'write aliases and lists of modules in formats that other programs read',
    load: async () => (await import('./export.ts')).exportCommand,
  },
  {
    name: 'vfio',
    usage: '',
    summary: 'find, plan, apply and undo VFIO bindings',
    load: async () => (await import('./vfio.ts')).vfio,
  },
  {
    name: 'model',
    usage: '',
    summary: 'ask a model of the kernel whether a way of binding drivers is safe',
    load: async () => (await import('./model.ts')).model,
  },
  {
    name: 'completion',
    usage: '[shell]',
    summary: 'print the completion script of a shell',
    load: async () => (await import('./completion.ts')).completion(loadAll),
  },
];

/** Loads every command, as the man pages need. */
export function loadAll(): Promise<Command[]> {
  return Promise.all(commandTable.map((entry) => entry.load()));
}
