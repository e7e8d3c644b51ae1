import '../command-line/working-directory.ts';
import { lint } from '../commands/lint.ts';
import { runProgram } from './run.ts';

void runProgram([{ ...lint, load: async () => lint }]);
