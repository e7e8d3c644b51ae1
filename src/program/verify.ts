import '../command-line/working-directory.ts';
import { verify } from '../commands/verify.ts';
import { runProgram } from './run.ts';

void runProgram([{ ...verify, load: async () => verify }]);
