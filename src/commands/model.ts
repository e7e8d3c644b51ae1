import type { Command } from '../command-line/command.ts';
import { ModaliasError } from '../errors.ts';
import { check } from './model-check.ts';
import { run } from './model-run.ts';

export const model: Command = {
  name: 'model',
  usage: '',
  summary: 'ask a model of the kernel whether a way of binding drivers is safe',
  description: [
    'Runs recipes against a model of how the kernel binds drivers, which agrees with real kernels write by write, on a machine that is recorded or built in. Nothing is read from or written to this machine.',
  ],
  options: {},
  examples: [
    ['modalias model run bind.json --machine two-like-nics', 'What each step does'],
    ['modalias model check bind.json --machine two-like-nics', 'Is it safe, whatever happens meanwhile'],
  ],
  subcommands: [check, run],
  run: () => Promise.reject(new ModaliasError('usage', 'model: name one of its commands')),
};
