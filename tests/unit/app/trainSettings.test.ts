// From choices to settings: what each network and schedule starts from, and which choices don't go together.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completeSettings } from '../../../src/app/tasks/trainSettings.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(path.join(tmpdir(), 'ttfnet-models-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));
const complete = (request: Partial<Parameters<typeof completeSettings>[0]>) =>
  completeSettings({ settings: {}, modelsFolder: folder, ...request });

describe('completeSettings', () => {
  it('leaves plain settings as they are', async () => {
    expect(await complete({ settings: { batch: 4 } })).toEqual({ settings: { batch: 4 }, notes: [] });
  });

  it('starts the scratch schedule from random weights and says what it does', async () => {
    const { settings, notes } = await complete({ official: 'scratch', network: 'ttfnet-34', settings: { epochs: 3 } });
    expect(settings).toMatchObject({ start: 'ttfnet-34', epochs: 3, frozenStages: 0, optimizer: 'sgd' });
    expect(notes).toEqual([expect.stringContaining('Schedule scratch of the official code for ttfnet-34')]);
  });

  it('takes a variant by name, and settings that were given over the schedule', async () => {
    const start = 'ttfnet-18:shortcuts=0-0-0';
    const { settings } = await complete({ official: '1x', settings: { start, augment: 'light' } });
    expect(settings).toMatchObject({ start, augment: 'light', learningRate: 0.001, schedule: 'step' });
  });

  it.each([
    [{ official: 'scratch' as const }, /scratch starts from random weights\. Name the network alone/],
    [{ official: 'scratch' as const, settings: { start: 'runs/a' } }, /random weights, not from runs\/a/],
    [{ official: '1x' as const }, /not for mobilenetv3-0\.75/],
    [{ official: '1x' as const, network: 'ttfnet-18' }, /starts from the backbone resnet-?18.*models get/],
    [{ network: 'ttfnet-53' }, /starts from the backbone darknet-?53.*--start ttfnet-53/],
    [{ network: 'ttfnet-18', settings: { start: 'ttfnet-34' } }, /ttfnet-34 is ttfnet-34, not ttfnet-18/],
    [{ settings: { start: 'ttfnet-18-1x' } }, /ttfnet-18-1x \(57 MB\) was not downloaded yet.*models get ttfnet-18-1x/],
  ])('refuses %j', async (request, message) => {
    await expect(complete(request)).rejects.toThrow(message);
  });

  it('finds weights that were downloaded', async () => {
    const file = path.join(folder, 'ttfnet18_1x-fe6884.pth');
    await writeFile(file, 'here');
    expect((await complete({ settings: { start: 'ttfnet-18-1x' } })).settings.start).toBe(file);
  });
});
