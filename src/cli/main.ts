// The command line: arguments in, use cases of src/app called, progress and results out. Nothing is decided here.
import { outliveRejections } from '../app/strayErrors.ts';
import { exitCodes } from './ending.ts';
import { parseArgs } from './program.ts';

// Who reads may have enough, as `head` does: no fault of anybody's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  throw error;
});

// A forgotten promise ends no training of hours; that something went wrong is said here and by the exit code.
const forgotten: unknown[] = [];
outliveRejections((where, error) => {
  forgotten.push(error);
  console.error(`[${where}]`, error);
});

const code = await parseArgs(process.argv.slice(2));
process.exitCode = code === exitCodes.done && forgotten.length > 0 ? exitCodes.failed : code;
