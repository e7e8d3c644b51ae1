import { EXIT } from './command.ts';

// yargs asks for the working directory while it loads, so this file comes first: if it was deleted, every command would
// end with a stack trace.
try {
  process.cwd();
} catch {
  process.stderr.write('modalias: error: the working directory was deleted; change to one that exists and try again\n');
  process.exit(EXIT.unanswered);
}
