// The protocol between the program and its child processes, over a child that lives in this process.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { heartbeat, type FromWorker, type ToWorker, type WorkerMethods } from '../../../src/app/worker/protocol.ts';
import { serveWorker } from '../../../src/app/worker/serveWorker.ts';
import { WorkerClient, type Child } from '../../../src/app/worker/workerClient.ts';
import { StudioError } from '../../../src/shared/errors.ts';

type Methods = {
  double: { input: number; event: number; result: number };
  wait: { input: null; event: never; result: string };
};

const methods: WorkerMethods<Methods> = {
  double: (value, { emit }) => {
    emit(value);
    return value < 0 ? Promise.reject(new StudioError('argument-invalid', 'negative')) : Promise.resolve(2 * value);
  },
  wait: (_input, { signal, onTell }) =>
    new Promise((resolve, reject) => {
      onTell(resolve);
      signal.addEventListener('abort', () => reject(new StudioError('cancelled', 'stopped')));
    }),
};

interface Fake extends Child {
  die(): void;
  killed: boolean;
}

function fakeChild(deaf = false): Fake {
  const up: ((message: FromWorker) => void)[] = [];
  const down: ((message: ToWorker) => void)[] = [];
  const exits: ((reason: string) => void)[] = [];
  const child: Fake = {
    killed: false,
    post: (message) => down.forEach((listen) => listen(structuredClone(message))),
    onMessage: (listener) => up.push(listener),
    onExit: (listener) => exits.push(listener),
    kill: () => (child.killed = true),
    die: () => exits.forEach((listen) => listen('SIGSEGV')),
  };
  const post = (message: FromWorker) => up.forEach((listen) => listen(structuredClone(message)));
  if (!deaf) serveWorker<Methods>({ post, onMessage: (listener) => down.push(listener) }, methods);
  return child;
}

function setUp(deaf = false) {
  const children: Fake[] = [];
  const crashes: string[] = [];
  const spawn = () => {
    const child = fakeChild(deaf);
    children.push(child);
    return child;
  };
  return {
    client: new WorkerClient<Methods>('test', spawn, ({ message }) => crashes.push(message)),
    children,
    crashes,
  };
}

afterEach(() => vi.useRealTimers());

describe('requests', () => {
  test('a child that was warmed up answers the first request, and warming twice starts no second one', async () => {
    const { client, children } = setUp();
    client.warm();
    client.warm();
    expect(children).toHaveLength(1);
    expect(await client.call('double', 21)).toBe(42);
    expect(children).toHaveLength(1);
    client.close();
    client.warm();
    expect(children).toHaveLength(1);
  });

  test('answers, events and errors find their request; one child serves all', async () => {
    const { client, children } = setUp();
    const events: number[] = [];
    const answers = [1, 2, 3].map((n) => client.call('double', n, { onEvent: (event) => events.push(event) }));
    expect(await Promise.all(answers)).toEqual([2, 4, 6]);
    expect(events).toEqual([1, 2, 3]);
    await expect(client.call('double', -1)).rejects.toMatchObject({ code: 'argument-invalid', message: 'negative' });
    expect(children).toHaveLength(1);
    expect(client.busy).toBe(false);
  });

  test('a running request can be told something, and cancelled', async () => {
    const { client } = setUp();
    const told = client.start('wait', null);
    told.tell('enough');
    expect(await told.done).toBe('enough');
    const stop = new AbortController();
    const waiting = client.call('wait', null, { signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a child that fails', () => {
  test('what was running fails with a sentence, and the next request starts another child', async () => {
    const { client, children, crashes } = setUp();
    const waiting = client.call('wait', null);
    children[0]!.die();
    await expect(waiting).rejects.toMatchObject({ code: 'runtime-failed' });
    expect(crashes).toEqual([
      expect.stringMatching(/The test process stopped unexpectedly \(SIGSEGV\).*Labels are safe/),
    ]);
    expect(await client.call('double', 4)).toBe(8);
    expect(children).toHaveLength(2);
  });

  test('one without heartbeat is killed', async () => {
    vi.useFakeTimers();
    const { client, children, crashes } = setUp(true);
    const waiting = client.call('wait', null).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(heartbeat.lostAfter + 2 * heartbeat.every);
    expect(await waiting).toMatchObject({ code: 'runtime-failed' });
    expect(children[0]!.killed).toBe(true);
    expect(crashes[0]).toContain('did not answer');
  });

  test('a sleep of the machine, or of the watch alone, is no silence; silence after it is', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const pass = (milliseconds: number, looks: number) => {
      for (let look = 0; look < looks; look++) {
        now += milliseconds / looks;
        vi.advanceTimersByTime(heartbeat.every);
      }
    };
    const { client, children } = setUp(true);
    const waiting = client.call('wait', null).catch((error: unknown) => error);
    pass(10_000, 10);
    pass(70_000, 1);
    pass(heartbeat.lostAfter - 5000, 55);
    expect(children[0]!.killed).toBe(false);
    pass(10_000, 10);
    expect(children[0]!.killed).toBe(true);
    expect(await waiting).toMatchObject({ code: 'runtime-failed' });
    vi.restoreAllMocks();
  });

  test('a clock that is set, forwards or back, is no silence', async () => {
    vi.useFakeTimers();
    const { client, children, crashes } = setUp(true);
    client.warm();
    for (const days of [1, -400, 365]) {
      vi.setSystemTime(Date.now() + days * 86_400_000);
      await vi.advanceTimersByTimeAsync(2 * heartbeat.every);
    }
    expect([children[0]!.killed, crashes]).toEqual([false, []]);
    client.close();
  });

  test('one started under older settings finishes its work, then the next request starts another', async () => {
    const { client, children, crashes } = setUp();
    const waiting = client.start('wait', null);
    client.renew();
    expect(children[0]!.killed).toBe(false);
    waiting.tell('enough');
    expect(await waiting.done).toBe('enough');
    expect(children[0]!.killed).toBe(true);
    expect(await client.call('double', 3)).toBe(6);
    client.renew(); // nothing to do: it goes at once
    expect(children[1]!.killed).toBe(true);
    expect(await client.call('double', 4)).toBe(8);
    expect([children.length, crashes]).toEqual([3, []]);
  });

  test('closing ends what runs as cancelled and starts nothing any more', async () => {
    const { client, children, crashes } = setUp();
    const waiting = client.call('wait', null);
    client.close();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect(children[0]!.killed).toBe(true);
    expect(crashes).toEqual([]);
    expect(() => client.call('double', 1)).toThrow('closing');
  });
});
