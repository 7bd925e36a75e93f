// Handlers of the contract's images.
import type { DomainHandlers } from '../host/call.ts';
import { numberOf } from '../host/openProject.ts';
import type { Services } from '../host/services.ts';
import { streamWork } from '../host/work.ts';
import { toItem, toStoreFilter, toStoreSort } from './convert.ts';

/** Binds `images.*`. */
export function imageHandlers({ projects }: Services): DomainHandlers<'images'> {
  return {
    list: ({ project, filter, sort, offset, limit }) => {
      const { store } = projects.get(project);
      const { total, rows } = store.find.page(toStoreFilter(filter), toStoreSort(sort), offset, limit);
      return { total, revision: store.revision, items: rows.map(toItem) };
    },
    locate: ({ project, filter, sort, image }) => ({
      index: projects.get(project).store.find.locate(toStoreFilter(filter), toStoreSort(sort), numberOf(image)),
    }),
    get: ({ project, images }) => projects.get(project).store.images(images.map(numberOf)).map(toItem),
    setSplit: ({ project, images, split }) => {
      const open = projects.get(project);
      const ids = images.map(numberOf);
      const ops = [{ type: 'split' as const, split }];
      open.store.edit(
        open.person,
        ids.map((image) => ({ image, ops })),
        { action: 'split' },
      );
      open.changed('images', ids);
      return {};
    },
    assignSplits: ({ project, val, test }) => {
      const open = projects.get(project);
      open.store.assignSplits({ val: val / 100, test: test / 100 });
      open.changed('images');
      return {};
    },
    duplicates: ({ project }, call) =>
      streamWork(call, async ({ report }) => {
        const { store } = projects.get(project);
        report({ phase: 'duplicates', done: 0, total: null });
        await new Promise((resolve) => setImmediate(resolve)); // lets the progress out before the comparison begins
        const exact = store.exactDuplicates();
        const same = new Set(exact.map(({ images }) => images.join()));
        const near = store.nearDuplicates().filter(({ images }) => !same.has(images.join()));
        return [...exact, ...near].map((group) => ({ ...group, images: group.images.map(String) }));
      }),
  };
}
