// The command line: arguments in, use cases of src/app called, progress and results out. Nothing is decided here.
import { exitCodes } from './ending.ts';
import { parseArgs } from './program.ts';

// Who reads may have enough, as `head` does: no fault of anybody's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  throw error;
});

process.exitCode = await parseArgs(process.argv.slice(2));
