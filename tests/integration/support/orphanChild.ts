// A child process of the program whose file operations all hang, for the test of orphans; as a program of its own (`parent`) it starts that child.
import { readFile } from 'node:fs/promises';
import { forkChild } from '../../../src/app/worker/forkChild.ts';
import type { WorkerMethods } from '../../../src/app/worker/protocol.ts';
import { parentPort, serveWorker } from '../../../src/app/worker/serveWorker.ts';

type Methods = { hang: { input: string; event: number; result: null } };

const [pipe] = process.argv.slice(2);

/** Reads a pipe that nobody writes to, as often as there are threads for files and once more. */
const methods: WorkerMethods<Methods> = {
  hang: async (file, { emit }) => {
    const reads = Array.from({ length: 5 }, () => readFile(file));
    emit(process.pid);
    await Promise.all(reads);
    return null;
  },
};

if (pipe === undefined) serveWorker<Methods>(parentPort(), methods);
else {
  const child = forkChild(import.meta.filename, {}, ['--import', 'tsx']);
  child.onMessage((message) => {
    if (message.type === 'event') process.stdout.write(`${String(message.event)}\n`);
  });
  child.post({ type: 'call', id: 1, method: 'hang', input: pipe });
}
