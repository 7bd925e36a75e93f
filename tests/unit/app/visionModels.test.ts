// Models that the detection process keeps: one that is at work stays, however many others are asked for meanwhile.
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { WorkerCall } from '../../../src/app/worker/protocol.ts';
import { visionMethods } from '../../../src/app/worker/vision.ts';
import { drawPictures, tinyRun, trainFurther, workFolder } from '../../support/detections.ts';

const call = <E>(emit: (event: E) => void = () => undefined): WorkerCall<E> => ({
  ...{ signal: new AbortController().signal, emit, onTell: () => undefined },
});

it('a job goes on while others detect with other models', async () => {
  const work = await workFolder();
  const model = await tinyRun(work);
  const others = await Promise.all(
    [1, 2, 3].map(async (n) => {
      const run = path.join(work, `run-${n}`);
      await cp(model, run, { recursive: true });
      for (let i = 0; i < n; i++) await trainFurther(run);
      return run;
    }),
  );
  const pictures = await drawPictures(
    path.join(work, 'in'),
    Array.from({ length: 20 }, (_, i) => `${i}.png`),
  );
  const meanwhile: Promise<unknown>[] = [];
  let done = 0;
  const detectWith = (run: string) =>
    visionMethods.detect({ model: run, files: [path.join(pictures, '0.png')], score: 0.1 }, call());
  const input = { modelName: 'tiny', paths: [pictures], recursive: false, patterns: [], score: 0.1 };
  await visionMethods.sweep(
    { ...input, model, folder: path.join(work, 'job') },
    call((event) => {
      if (!('image' in event)) return;
      if (event.image.status === 'done') done++;
      if (meanwhile.length === 0) meanwhile.push(...others.map(detectWith));
    }),
  );
  await Promise.all(meanwhile);
  expect(done).toBe(20);
});
