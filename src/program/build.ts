import '../command-line/working-directory.ts';
import { build } from '../commands/build.ts';
import { runProgram } from './run.ts';

void runProgram([{ ...build, load: async () => build }]);
