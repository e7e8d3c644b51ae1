import '../command-line/working-directory.ts';
import { resolve } from '../commands/vfio-resolve.ts';
import { runSubcommand } from './run.ts';

void runSubcommand('vfio', resolve);
