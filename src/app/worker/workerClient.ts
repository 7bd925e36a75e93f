// The parent's side: starts a child when it is needed, numbers its requests, notices when it dies or hangs, fails what was running and starts another.
import { StudioError } from '../../shared/errors.ts';
import { said, word, type Said } from '../../shared/said.ts';
import { heartbeat, revive, type FromWorker, type MethodTable, type ToWorker } from './protocol.ts';

/** A running child process, however it was started. */
export interface Child {
  post(message: ToWorker): void;
  onMessage(listener: (message: FromWorker) => void): void;
  /** `reason` is the exit code or signal, for the log. */
  onExit(listener: (reason: string) => void): void;
  kill(): void;
}

/** Environment variables that a child gets beside this process's own. */
export type ChildEnvironment = Readonly<Record<string, string>>;

/** Starts a child process; `execArgv` are settings of its JavaScript engine, such as its memory. */
export type Spawn = (env: ChildEnvironment, execArgv: readonly string[]) => Child;

interface Pending {
  resolve(result: unknown): void;
  reject(error: StudioError): void;
  onEvent(event: unknown): void;
}

/** One request that is running in the child. */
export interface RunningCall<R> {
  /** The answer; rejects with a {@link StudioError} (`runtime-failed` when the child died). */
  done: Promise<R>;
  tell(message: string): void;
}

/** How to make a request. */
export interface CallOptions<E> {
  signal?: AbortSignal;
  onEvent?: (event: E) => void;
}

/** One kind of child process with the methods `M`; at most one process at a time. */
export class WorkerClient<M extends MethodTable> {
  readonly #spawn: () => Child;
  readonly #name: string;
  readonly #onCrash: (error: StudioError) => void;
  readonly #pending = new Map<number, Pending>();
  #child: Child | null = null;
  #next = 1;
  #lastBeat = 0;
  #watch: NodeJS.Timeout | null = null;
  #closed = false;
  /** The child was started under settings that have changed: it goes when it has nothing to do. */
  #outdated = false;

  /**
   * @param name what it is to people, such as "training"
   * @param onCrash hears whenever a child died or hung
   */
  constructor(name: string, spawn: () => Child, onCrash: (error: StudioError) => void) {
    this.#name = name;
    this.#spawn = spawn;
    this.#onCrash = onCrash;
  }

  /** True while a request is running. */
  get busy(): boolean {
    return this.#pending.size > 0;
  }

  /** Makes a request and waits for its answer. */
  call<K extends keyof M & string>(method: K, input: M[K]['input'], options: CallOptions<M[K]['event']> = {}) {
    return this.start(method, input, options).done;
  }

  /** Makes a request that can be talked to while it runs. */
  start<K extends keyof M & string>(
    method: K,
    input: M[K]['input'],
    { signal, onEvent }: CallOptions<M[K]['event']> = {},
  ): RunningCall<M[K]['result']> {
    if (signal?.aborted) return { done: Promise.reject(cancelled()), tell: () => undefined };
    if (this.#closed) throw new StudioError('cancelled', 'The program is closing.');
    const id = this.#next++;
    const child = (this.#child ??= this.#startChild());
    const done = new Promise<M[K]['result']>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onEvent: (event) => onEvent?.(event) });
    });
    signal?.addEventListener('abort', () => this.#post({ type: 'cancel', id }), { once: true });
    child.post({ type: 'call', id, method, input });
    return { done, tell: (message) => this.#post({ type: 'tell', id, message }) };
  }

  /** Starts the child ahead of the first request, which then doesn't wait for it. */
  warm(): void {
    if (!this.#closed) this.#child ??= this.#startChild();
  }

  /** Ends the child; what is running fails with `cancelled`. */
  close(): void {
    this.#closed = true;
    const child = this.#child;
    this.#drop(cancelled());
    child?.kill();
  }

  /** Lets the next request start a new child, under the settings of now; what is running ends undisturbed in the old one. */
  renew(): void {
    this.#outdated = this.#child !== null;
    this.#endOutdated();
  }

  #endOutdated(): void {
    if (!this.#outdated || this.busy) return;
    const child = this.#child;
    this.#outdated = false;
    this.#drop(cancelled());
    child?.kill();
  }

  #post(message: ToWorker): void {
    if (this.#pending.has(message.id)) this.#child?.post(message);
  }

  #startChild(): Child {
    const child = this.#spawn();
    child.onMessage((message) => this.#hear(message));
    child.onExit((reason) => {
      const sentence = said('worker.stopped', { process: word(this.#name), reason });
      this.#gone(child, `stopped unexpectedly (${reason})`, sentence);
    });
    this.#watch = this.#watchBeat(() => {
      const seconds = heartbeat.lostAfter / 1000;
      const sentence = said('worker.silent', { process: word(this.#name), seconds });
      this.#gone(child, `did not answer for ${seconds} seconds`, sentence);
      child.kill();
    });
    return child;
  }

  /** Calls `onSilence` while no heartbeat comes. Time in which this process itself stood still (a laptop's sleep) doesn't count. */
  #watchBeat(onSilence: () => void): NodeJS.Timeout {
    let looked = performance.now(); // of a clock that nobody sets
    this.#lastBeat = looked;
    const look = () => {
      const now = performance.now();
      if (now - looked > heartbeat.lateAfter) this.#lastBeat = now;
      looked = now;
      if (now - this.#lastBeat >= heartbeat.lostAfter) onSilence();
    };
    return setInterval(look, heartbeat.every).unref();
  }

  #hear(message: FromWorker): void {
    this.#lastBeat = performance.now();
    if (message.type === 'ready' || message.type === 'beat') return;
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    if (message.type === 'event') {
      pending.onEvent(message.event);
      return;
    }
    this.#pending.delete(message.id);
    if (message.type === 'done') pending.resolve(message.result);
    else pending.reject(revive(message.error));
    this.#endOutdated();
  }

  #gone(child: Child, what: string, sentence: Said): void {
    if (this.#child !== child) return; // an earlier child, already dealt with
    const message = `The ${this.#name} process ${what}. Labels are safe; it is started again when it is next needed.`;
    const error = new StudioError('runtime-failed', message, undefined, sentence);
    this.#drop(error);
    this.#onCrash(error);
  }

  #drop(error: StudioError): void {
    if (this.#watch) clearInterval(this.#watch);
    this.#child = null;
    this.#outdated = false;
    const running = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of running) pending.reject(error);
  }
}

const cancelled = () => new StudioError('cancelled', 'Cancelled.');
