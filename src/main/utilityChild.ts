// Starts the program's child processes as Electron utility processes: a native crash in one costs neither the window nor a label.
import { utilityProcess } from 'electron';
import { childEnvironment } from '../app/worker/childEnvironment.ts';
import type { FromWorker } from '../app/worker/protocol.ts';
import type { Child, ChildEnvironment } from '../app/worker/workerClient.ts';

/** Starts `file` as a utility process; its output goes to this process's own. */
export function utilityChild(
  file: string,
  name: string,
  env: ChildEnvironment,
  execArgv: readonly string[] = [],
): Child {
  const child = utilityProcess.fork(file, [], {
    serviceName: name,
    stdio: 'inherit',
    execArgv: [...execArgv],
    env: childEnvironment(env),
  });
  return {
    post: (message) => child.postMessage(message),
    onMessage: (listener) => child.on('message', (message: FromWorker) => listener(message)),
    onExit: (listener) => child.on('exit', (code) => listener(`code ${code}`)),
    kill: () => child.kill(),
  };
}
