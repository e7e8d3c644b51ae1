import './command-line/working-directory.ts';
import { leaveQuietlyWhenPipesClose } from './command-line/output.ts';
import { main } from './commands/main.ts';

leaveQuietlyWhenPipesClose();
process.exitCode = await main(process.argv.slice(2));
