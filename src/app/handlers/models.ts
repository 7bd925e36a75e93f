// Handlers of the contract's models.
import path from 'node:path';
import type { DomainHandlers } from '../host/call.ts';
import type { Services } from '../host/services.ts';
import { streamWork } from '../host/work.ts';

/** Binds `models.*`. */
export function modelHandlers({ projects, options, workers }: Services): DomainHandlers<'models'> {
  const models = (project: string) => projects.get(project).models();
  return {
    list: async ({ project }) => (await models(project)).list(),
    current: async ({ project }) => ({ model: (await models(project)).current }),
    setCurrent: async ({ project, model }) => {
      await (await models(project)).setCurrent(model);
      return {};
    },
    import: async ({ project, file }) => (await models(project)).import(await options.access.existing(file)),
    update: async ({ project, model, name, note }) =>
      (await models(project)).update(model, {
        ...(name === undefined ? {} : { name }),
        ...(note === undefined ? {} : { note }),
      }),
    delete: async ({ project, model }) => {
      await (await models(project)).delete(model);
      return {};
    },
    export: ({ project, model, file, outputs }, call) =>
      streamWork(call, async ({ signal, report }) => {
        const asked = await options.access.writable(file);
        const target = path.extname(asked) === '.onnx' ? asked : `${asked}.onnx`;
        report({ phase: 'export', done: 0, total: 1 });
        const reference = (await models(project)).reference(model);
        const made = await workers.vision.call('export', { model: reference, file: target, outputs }, { signal });
        report({ phase: 'export', done: 1, total: 1 });
        return made;
      }),
  };
}
