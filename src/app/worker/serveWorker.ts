// The child's side: answers numbered requests, sends heartbeats, ends when its parent does. Works under Electron's utility process and plain Node's fork.
import { StudioError } from '../../shared/errors.ts';
import {
  heartbeat,
  serialise,
  type FromWorker,
  type MethodTable,
  type ToWorker,
  type WorkerMethods,
} from './protocol.ts';

/** The way to the parent. */
export interface ParentPort {
  post(message: FromWorker): void;
  onMessage(listener: (message: ToWorker) => void): void;
}

interface UtilityPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

/** The port that this process was started with. Error: `internal` when nobody started it as a child. */
export function parentPort(): ParentPort {
  endWithParent();
  const utility = (process as unknown as { parentPort?: UtilityPort }).parentPort;
  if (utility)
    return {
      post: (message) => utility.postMessage(message),
      onMessage: (listener) => utility.on('message', (event) => listener(event.data as ToWorker)),
    };
  if (!process.send)
    throw new StudioError('internal', 'This file is a child process of the program; start the program.');
  return {
    post: (message) => process.send?.(message, () => undefined), // a parent that was just killed: "disconnect" follows
    onMessage: (listener) => process.on('message', (message) => listener(message as ToWorker)),
  };
}

/**
 * Ends this process when its parent is gone, since nobody would hear it. Killed and not exited: an exit waits for file operations in hand, which
 * for a pipe or a dead network disk may take for ever. Nothing is lost, since files get their names when they are whole.
 */
function endWithParent(): void {
  const parent = process.ppid;
  const end = () => process.kill(process.pid, 'SIGKILL');
  process.on('disconnect', end);
  const look = () => process.ppid === parent || end(); // a utility process hears of no disconnect
  setInterval(look, heartbeat.every).unref();
}

interface Running {
  abort: AbortController;
  listeners: ((message: string) => void)[];
}

/** Serves `methods` until the process ends. */
export function serveWorker<M extends MethodTable>(port: ParentPort, methods: WorkerMethods<M>): void {
  const running = new Map<number, Running>();
  port.onMessage((message) => {
    if (message.type === 'cancel') running.get(message.id)?.abort.abort();
    else if (message.type === 'tell') running.get(message.id)?.listeners.forEach((listen) => listen(message.message));
    else void answer(port, methods, running, message);
  });
  setInterval(() => port.post({ type: 'beat', rss: process.memoryUsage.rss() }), heartbeat.every).unref();
  port.post({ type: 'ready' });
}

async function answer<M extends MethodTable>(
  port: ParentPort,
  methods: WorkerMethods<M>,
  running: Map<number, Running>,
  { id, method, input }: Extract<ToWorker, { type: 'call' }>,
): Promise<void> {
  const mine: Running = { abort: new AbortController(), listeners: [] };
  running.set(id, mine);
  try {
    const run = methods[method];
    if (!run) throw new StudioError('internal', `The child process has no method "${method}".`);
    const result = await run(input, {
      signal: mine.abort.signal,
      emit: (event) => port.post({ type: 'event', id, event }),
      onTell: (listener) => mine.listeners.push(listener),
    });
    port.post({ type: 'done', id, result });
  } catch (error) {
    port.post({ type: 'failed', id, error: serialise(error) });
  } finally {
    running.delete(id);
  }
}
