import { hideBin } from 'yargs/helpers';
import { main } from './commands/main.ts';

process.exitCode = await main(hideBin(process.argv));
