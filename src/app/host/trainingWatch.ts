// Which images runs repaint as they learn: a person's choice, kept with the project, or the ones with the most boxes.
import path from 'node:path';
import { z } from 'zod';
import { sideFolder } from '../../core/store/location.ts';
import { StudioError } from '../../shared/errors.ts';
import { finishedStatuses } from '../../shared/labels.ts';
import { JsonFile } from './jsonFile.ts';
import type { OpenProject } from './openProject.ts';

const schema = z.object({ watched: z.array(z.number().int()).nullable() });

/** Images that the program takes by itself. */
const ownCount = 4;
/** Images that are looked through for them: enough to find busy ones, few enough to be quick in any project. */
const lookedThrough = 5000;

/** What the next run repaints. */
interface Next {
  split: 'val' | 'train';
  chosen: boolean;
  images: number[];
}

/** The choices of all open projects. */
export class WatchChoice {
  readonly #files = new WeakMap<OpenProject, Promise<JsonFile<z.infer<typeof schema>>>>();

  /** What the next run repaints: those chosen that can still be watched, else the program's own choice. */
  async next(open: OpenProject): Promise<Next> {
    const { watched } = (await this.#file(open)).value;
    const { split, ids } = watchable(open);
    const known = new Set(ids);
    const images = (watched ?? []).filter((id) => known.has(id));
    return { split, chosen: images.length > 0, images: images.length > 0 ? images : busiest(open, ids) };
  }

  /** Keeps a choice; `null` forgets it. Error: `argument-invalid` for an image that can't be watched. */
  async set(open: OpenProject, images: readonly number[] | null): Promise<void> {
    const { split, ids } = watchable(open);
    const known = new Set(ids);
    const wrong = images?.find((id) => !known.has(id));
    if (wrong !== undefined)
      throw new StudioError(
        'argument-invalid',
        `Image ${wrong} can't be watched: it is not among the labelled images of the part "${split}". Choose others.`,
      );
    await (await this.#file(open)).set({ watched: images && [...new Set(images)] });
  }

  #file(open: OpenProject): Promise<JsonFile<z.infer<typeof schema>>> {
    const known = this.#files.get(open);
    if (known) return known;
    const file = JsonFile.open(path.join(sideFolder(open.store.file), 'watched.json'), schema, { watched: null });
    this.#files.set(open, file);
    return file;
  }
}

/** The labelled validation images; the training images where there are none. */
function watchable({ store }: OpenProject): { split: 'val' | 'train'; ids: Int32Array } {
  const of = (split: 'val' | 'train') => store.find.ids({ statuses: finishedStatuses, splits: [split] });
  const val = of('val');
  return val.length > 0 ? { split: 'val', ids: val } : { split: 'train', ids: of('train') };
}

function busiest({ store }: OpenProject, ids: Int32Array): number[] {
  const rows = store.images([...ids.subarray(0, lookedThrough)]).filter(({ missing }) => !missing);
  return rows
    .sort((a, b) => b.boxes - a.boxes)
    .slice(0, ownCount)
    .map(({ id }) => id);
}
