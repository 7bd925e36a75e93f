// The Quick preset on what the base network never resembled: twenty pictures, few boxes. It must learn, and must not diverge.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { labelsOfRun, readDataset } from '../src/app/tasks/readDataset.ts';
import type { LabelledImage } from '../src/shared/labels.ts';
import { makeConfig, presets } from '../src/core/train/config.ts';
import { startTraining } from '../src/core/train/trainer.ts';
import { sharedPath } from '../tests/support/shared.ts';

/** Best AP50 on validation images, worst and last losses, for three small sets cut from BCCD. `few-images MINUTES`; default 1 each. */
export async function fewImagesBench(args: readonly string[]): Promise<object> {
  const data = sharedPath('datasets', 'bccd');
  if (data === null) return { skipped: '../shared/datasets/bccd is not beside this checkout' };
  const labels = labelsOfRun(await readDataset({ folder: data }), { train: 'train', val: 'val' });
  const only = (images: readonly LabelledImage[], name: string | null): LabelledImage[] =>
    images.map((image) => ({
      ...image,
      annotations: image.annotations.filter((a) => name === null || labels.classes[a.classId] === name),
    }));
  const sets = [
    { name: '20 images, all classes', count: 20, keep: null },
    { name: '20 images, white cells only (a box each)', count: 20, keep: 'WBC' },
    { name: '5 images, all classes', count: 5, keep: null },
  ];
  const rows = [];
  for (const { name, count, keep } of sets) {
    const out = await mkdtemp(path.join(tmpdir(), 'ttfnet-few-'));
    const config = makeConfig({ ...presets.quick, minutes: Number(args[0] ?? 1), evaluateEvery: 4 });
    let [best, worst, last, steps] = [0, 0, 0, 0];
    const used = {
      ...labels,
      train: only(labels.train.slice(0, count), keep),
      val: only(labels.val!.slice(0, 30), keep),
    };
    await startTraining(path.join(out, 'run'), config, used, {
      onEvent(event) {
        if (event.type === 'epoch') best = Math.max(best, event.evaluation.summary.ap50 ?? 0);
        if (event.type !== 'step') return;
        last = event.heatmapLoss + event.sizeLoss;
        [worst, steps] = [Math.max(worst, last), event.step];
      },
    });
    rows.push({ name, steps, bestAp50: best, worstLoss: worst, lastLoss: last });
    await rm(out, { recursive: true, force: true });
  }
  return { rows };
}
