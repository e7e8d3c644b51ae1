import '../command-line/working-directory.ts';
import { groups } from '../commands/vfio-groups.ts';
import { runSubcommand } from './run.ts';

void runSubcommand('vfio', groups);
