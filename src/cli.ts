import { main } from './commands/main.ts';
import { leaveQuietlyWhenPipesClose } from './commands/output.ts';

leaveQuietlyWhenPipesClose();
process.exitCode = await main(process.argv.slice(2));
