// Finding the next image that nobody has looked at to the end, also in a list of 100,000.
import type { ImageFilter, ImageSort, ImageStatus, StudioClient } from '../../shared/contract/index.ts';

/** Statuses that are still to be reviewed. */
export const openStatuses: readonly ImageStatus[] = ['new', 'suggested', 'labelled'];

/** The list that is looked through, and where the person is in it. */
export interface ReviewPlace {
  project: string;
  filter: ImageFilter;
  sort: ImageSort;
  index: number;
}

/**
 * The first open image after the place, going round at the end of the list; null when all are reviewed or skipped.
 * The open images keep the list's order, so the place among them is found by halving.
 */
export async function nextOpen(client: StudioClient, place: ReviewPlace): Promise<string | null> {
  const { project, filter, sort, index } = place;
  const statuses = openStatuses.filter((status) => filter.statuses?.includes(status) ?? true);
  if (statuses.length === 0) return null;
  const open = { project, filter: { ...filter, statuses }, sort };
  const at = async (offset: number): Promise<{ id: string | undefined; total: number }> => {
    const { items, total } = await client.images.list({ ...open, offset, limit: 1 });
    return { id: items[0]?.id, total };
  };
  const { id: first, total } = await at(0);
  if (first === undefined) return null;
  let [low, high] = [0, total];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { id } = await at(middle);
    const where = id === undefined ? null : (await client.images.locate({ project, filter, sort, image: id })).index;
    if (where !== null && where > index) high = middle;
    else low = middle + 1;
  }
  return low < total ? ((await at(low)).id ?? first) : first;
}
