// Handlers of the contract's formats.
import { formats, isWritten } from '../../core/dataset/formats.ts';
import type { DomainHandlers } from '../host/call.ts';
import { exportFrom, importInto, inspectFolder } from '../host/formats.ts';
import type { Services } from '../host/services.ts';
import { streamWork } from '../host/work.ts';

/** Binds `dataset.*`. */
export function datasetHandlers({ projects, options, workers }: Services): DomainHandlers<'dataset'> {
  return {
    formats: () => formats.map(({ name, title }) => ({ key: name, title, reads: true, writes: isWritten(name) })),
    find: async ({ path }, { signal }) =>
      (await inspectFolder(workers, await options.access.existing(path), signal)).annotations,
    import: ({ project, path, format }, call) =>
      streamWork(call, async (task) => {
        const folder = await options.access.existing(path);
        return importInto(projects.get(project), workers, { folder, format }, task);
      }),
    export: ({ project, format, to, splits }, call) =>
      streamWork(call, async (task) => {
        const folder = await options.access.writable(to);
        return exportFrom(projects.get(project), { folder, format, splits }, task);
      }),
  };
}
