// The command line: arguments in, use cases of src/app called, progress and results out. Nothing is decided here.
import { parseArgs } from './program.ts';

process.exitCode = await parseArgs(process.argv.slice(2));
