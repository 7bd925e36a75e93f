// A process for the test of errors without an owner: the first word says what it is, the others what happens to it; then it says that it is alive.
import { outliveExceptions, outliveRejections } from '../../src/app/strayErrors.ts';

const [what, ...happenings] = process.argv.slice(2);
const log = (where: string, error: unknown) => console.error(`[${where}]`, error);
if (what === 'program' || what === 'child') outliveRejections(log);
if (what === 'program') outliveExceptions(log);

if (happenings.includes('rejection')) void Promise.reject(new Error('nobody awaits this'));
if (happenings.includes('exception'))
  setTimeout(() => {
    throw new Error('nobody listens for this');
  }, 1);
if (happenings.includes('log')) setTimeout(() => process.stderr.emit('error', new Error('write EPIPE')), 2);
setTimeout(() => process.stdout.write('alive\n'), 200);
