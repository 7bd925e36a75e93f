// A few training images as a run would be shown them, made in the process that reads pictures; the last ones are kept for the interface to fetch.
import { randomUUID } from 'node:crypto';
import { baseModelName } from '../../core/model/openModel.ts';
import type { ImageRow } from '../../core/store/images.ts';
import type { AugmentedSample, TrainingConfig } from '../../shared/contract/index.ts';
import { StudioError } from '../../shared/errors.ts';
import { finishedStatuses } from '../../shared/labels.ts';
import { Rng } from '../../shared/random.ts';
import type { Workers } from '../worker/workers.ts';
import type { OpenProject } from './openProject.ts';
import { runSettings } from './trainingPlan.ts';
import type { Task } from './work.ts';

/** What is asked for. */
export interface SampleQuery {
  settings: Pick<TrainingConfig, 'preset' | 'augment' | 'inputSize'>;
  seed: number;
  heat: boolean;
  count: number;
}

const kept = 48;
/** Images that are looked at for some with boxes. */
const lookedThrough = 200;
const training = { statuses: finishedStatuses, splits: ['train'], missing: false } as const;

/** Makes and keeps samples. */
export class TrainingSamples {
  readonly #workers: Workers;
  readonly #kept = new Map<string, Uint8Array>();

  constructor(workers: Workers) {
    this.#workers = workers;
  }

  /** Samples of images that the seed chooses; of the same image several times where there are few, none where none is labelled. */
  async make(
    open: OpenProject,
    { settings, seed, heat, count }: SampleQuery,
    { signal, report }: Task,
  ): Promise<AugmentedSample[]> {
    const rows = choose(open, seed, count);
    if (rows.length === 0) return [];
    report({ phase: 'samples', done: 0, total: count });
    await open.checkFiles(rows);
    const config = { ...runSettings({ ...settings, start: baseModelName }, baseModelName), seed };
    const { store } = open;
    const images = store.labelled(rows.map(({ id }) => id));
    const input = { images, imageRoot: store.root, classes: Math.max(1, store.classes().length), config, heat };
    const onEvent = ({ done }: { done: number }) => report({ phase: 'samples', done, total: count });
    const pictures = await this.#workers.pixels.call('augmented', input, { signal, onEvent });
    return pictures.map(({ index, bytes, boxes }) => {
      const { path } = rows[index]!;
      return { id: this.#keep(bytes), path, boxes };
    });
  }

  /** A picture made before. Error: `file-missing` when it was dropped. */
  picture(id: string): Uint8Array {
    const known = this.#kept.get(id);
    if (known) return known;
    throw new StudioError('file-missing', 'This sample is no longer kept. Ask for new ones.');
  }

  #keep(bytes: Uint8Array): string {
    const id = randomUUID();
    this.#kept.set(id, bytes);
    for (const old of this.#kept.keys()) {
      if (this.#kept.size <= kept) break;
      this.#kept.delete(old);
    }
    return id;
  }
}

/** `count` training images, those with boxes first; from the beginning again where there are fewer. */
function choose({ store }: OpenProject, seed: number, count: number): ImageRow[] {
  const rng = Rng.seeded(`samples ${seed}`);
  const ids = store.find.ids(training);
  const from = ids.length <= lookedThrough ? 0 : rng.int(0, ids.length - lookedThrough);
  const rows = store.images(rng.shuffle([...ids.subarray(from, from + lookedThrough)]));
  const best = [...rows.filter(({ boxes }) => boxes > 0), ...rows.filter(({ boxes }) => boxes === 0)];
  return best.length === 0 ? [] : Array.from({ length: count }, (_, i) => best[i % best.length]!);
}
