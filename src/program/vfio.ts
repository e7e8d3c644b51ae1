import '../command-line/working-directory.ts';
import { vfio } from '../commands/vfio.ts';
import { runProgram } from './run.ts';

void runProgram([{ ...vfio, load: async () => vfio }]);
