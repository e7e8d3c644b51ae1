import '../command-line/working-directory.ts';
import { diff } from '../commands/diff.ts';
import { runProgram } from './run.ts';

void runProgram([{ ...diff, load: async () => diff }]);
