import './command-line/working-directory.ts';
import { commandTable } from './commands/table.ts';
import { runProgram } from './program/run.ts';

await runProgram(commandTable);
