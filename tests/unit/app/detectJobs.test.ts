// A detection job as the window hears of it: what was taken over has no speed, notices and what was passed over stay with the job.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { DetectJobs } from '../../../src/app/host/detectJobs.ts';
import { Jobs } from '../../../src/app/host/jobs.ts';
import type { VisionMethods } from '../../../src/app/worker/methods.ts';
import type { Workers } from '../../../src/app/worker/workers.ts';
import type { SweptImage } from '../../../src/core/detect/journal.ts';
import type { DetectEvent, Progress } from '../../../src/shared/contract/index.ts';
import { telling } from '../../../src/shared/errors.ts';
import { said } from '../../../src/shared/said.ts';
import { workFolder } from '../../support/detections.ts';

type Event = VisionMethods['sweep']['event'];

const picture = (name: string): SweptImage => ({
  ...{ path: name, file: `/in/${name}`, size: 1, modified: 1, status: 'done', width: 4, height: 4 },
  ...{ detections: [], reason: null, said: null, code: null },
});
const passed = { path: '/in/dead.jpg', ...telling(said('walk.deadLink', {})) };
const anew = said('detect.anewTrained', { model: 'm', count: 3, kept: '/out/earlier-1' });

/** A child process that tells of the events as soon as it may. */
function workersTelling(events: readonly Event[], begin: Promise<void>): Workers {
  const call = async (_method: string, _input: unknown, { onEvent }: { onEvent: (event: Event) => void }) => {
    await begin;
    events.forEach(onEvent);
  };
  return { sweep: { call } } as unknown as Workers;
}

it('tells no rate of pictures that an earlier run had done', async () => {
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const taken = Array.from({ length: 30 }, (_, i): Event => ({ image: picture(`${i}.jpg`), resumed: true }));
  const events: Event[] = [
    { total: 31, passedOver: { count: 7, first: [passed] } },
    { anew },
    ...taken,
    { image: picture('30.jpg'), resumed: false },
  ];
  const folder = await workFolder();
  const jobs = new DetectJobs(folder, workersTelling(events, begun), new Jobs());
  const plan = { model: 'm', modelName: 'M', classes: ['a'], reference: 'm', paths: ['/in'] };
  const { id } = await jobs.start({ ...plan, recursive: false, patterns: [], score: 0.5 });
  const heard: DetectEvent[] = [];
  const listening = (async () => {
    for await (const event of jobs.events(id, new AbortController().signal)) {
      heard.push(event);
      if (event.type === 'snapshot') begin();
    }
  })();
  await listening;
  const progress = heard.filter((event): event is Progress => event.type === 'progress');
  expect(progress.slice(0, 30).every(({ rate, secondsLeft }) => rate === null && secondsLeft === null)).toBe(true);
  expect(progress.map(({ done }) => done)).toEqual(Array.from({ length: 31 }, (_, i) => i + 1));
  const [job] = await jobs.list();
  expect(job).toMatchObject({ status: 'finished', done: 31, passedOver: { count: 7, first: [passed] } });
  expect(job!.notices).toEqual([telling(anew)]);
  const kept = path.join(folder, 'detections', id, 'job.json');
  await expect.poll(() => readFile(kept, 'utf8'), { timeout: 30_000 }).toContain('"finished"'); // it is written behind the events
});
