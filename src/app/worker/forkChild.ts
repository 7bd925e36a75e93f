// Starts a child under plain Node: for the CLI, browser mode and tests. Electron's shell has its own way with utility processes.
import { fork } from 'node:child_process';
import { childEnvironment } from './childEnvironment.ts';
import type { FromWorker } from './protocol.ts';
import type { Child, ChildEnvironment } from './workerClient.ts';

/** Forks `file` (a built worker, or a .ts file with `execArgv` that can load it); its output goes to this process's error stream. */
export function forkChild(file: string, env: ChildEnvironment = {}, execArgv: readonly string[] = []): Child {
  const child = fork(file, [], {
    serialization: 'advanced',
    stdio: ['ignore', 2, 2, 'ipc'],
    execArgv: [...execArgv],
    env: childEnvironment(env),
  });
  child.on('error', () => undefined); // "exit" follows and says why
  return {
    post: (message) => {
      if (child.connected) child.send(message, () => undefined); // a child that just died is told by "exit"
    },
    onMessage: (listener) => child.on('message', (message) => listener(message as FromWorker)),
    onExit: (listener) => child.on('exit', (code, signal) => listener(signal ?? `code ${code ?? '?'}`)),
    kill: () => child.kill('SIGKILL'),
  };
}
