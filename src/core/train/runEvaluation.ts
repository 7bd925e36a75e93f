// Evaluations along a run: its model over the validation and the monitored images, recorded and told.
import type { LabelledImage } from '../../shared/labels.ts';
import { Detector } from '../detect/detector.ts';
import { detectLabelled } from '../detect/evaluateModel.ts';
import { evaluate } from '../evaluate/coco.ts';
import type { WeightsModel } from '../model/openModel.ts';
import type { TrainOptions } from './events.ts';
import type { RunFolder, RunLabels } from './runFolder.ts';
import type { RunState } from './runState.ts';

type Place = Pick<RunState, 'step' | 'epoch' | 'trainSeconds' | 'bestAp'>;

/** Whether `ap` beats the best so far; undefined AP counts as 0. */
export const isBetter = (ap: number | null, best: number | null): boolean => best === null || (ap ?? 0) > best;

/** Evaluates the models of one run. */
export class RunEvaluation {
  readonly #run: RunFolder;
  readonly #labels: RunLabels;
  readonly #options: TrainOptions;

  constructor(run: RunFolder, labels: RunLabels, options: TrainOptions) {
    this.#run = run;
    this.#labels = labels;
    this.#options = options;
  }

  /** Measures the model on the monitored and the validation images. @returns AP on the latter; null without any. @throws cancelled */
  async measure(model: WeightsModel, place: Place): Promise<{ ap: number | null } | null> {
    const { val, monitor } = this.#labels;
    if (monitor?.length) await this.#on('monitor', monitor, model, place);
    return val?.length ? this.#on('val', val, model, place) : null;
  }

  async #on(
    split: 'val' | 'monitor',
    images: readonly LabelledImage[],
    model: WeightsModel,
    { step, epoch, trainSeconds, bestAp }: Place,
  ): Promise<{ ap: number | null }> {
    const { onEvent, provider, signal } = this.#options;
    const detector = await Detector.create(model, { provider });
    try {
      const onImage = (done: number): void => onEvent?.({ type: 'evaluating', done, of: images.length });
      const found = await detectLabelled(detector, this.#labels.imageRoot, images, { onImage, signal });
      const evaluation = evaluate(found.images, this.#labels.classes);
      const { ap, ap50, ap75 } = evaluation.summary;
      const perClass = evaluation.perClass.map((c) => ({ name: c.name, ap: c.ap, ap50: c.ap50 }));
      await this.#run.appendMetrics({ type: 'epoch', epoch, step, trainSeconds, split, ap, ap50, ap75, perClass });
      const best = split === 'val' && isBetter(ap, bestAp);
      onEvent?.({ type: 'epoch', epoch, split, evaluation, best, trainSeconds });
      return { ap };
    } finally {
      await detector.release();
    }
  }
}
