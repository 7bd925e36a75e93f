// A process that holds a folder until it is killed, or its input ends; it prints a line once it has it.
import { once } from 'node:events';
import { holdFolder } from '../../src/core/store/folderLock.ts';

await holdFolder(process.argv[2]!, async () => {
  process.stdout.write('held\n');
  process.stdin.resume();
  await once(process.stdin, 'end');
});
