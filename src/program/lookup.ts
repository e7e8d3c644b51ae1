import '../command-line/working-directory.ts';
import { lookup } from '../commands/lookup.ts';
import { runProgram } from './run.ts';

void runProgram([{ ...lookup, load: async () => lookup }]);
