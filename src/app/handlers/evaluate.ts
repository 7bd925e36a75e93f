// Handlers of the contract's evaluation.
import type { DomainHandlers } from '../host/call.ts';
import type { OpenProject } from '../host/openProject.ts';
import type { Services } from '../host/services.ts';
import { streamWork } from '../host/work.ts';

/** Binds `evaluate.*`. */
export function evaluateHandlers({ projects, evaluations }: Services): DomainHandlers<'evaluate'> {
  return {
    run: ({ project, model, split }, call) =>
      streamWork(call, (task) => evaluations.run(projects.get(project), { model, split }, task)),
    list: async ({ project }) =>
      (await evaluations.list(projects.get(project))).map(
        ({ id, model, modelName, split, at, images, stale, ap, ap50, ap75 }) => ({
          ...{ id, model, modelName, split, at, images, stale, ap, ap50, ap75 },
        }),
      ),
    get: ({ project, evaluation }) => evaluations.get(projects.get(project), evaluation),
    confusion: ({ project, evaluation, score, iou }) =>
      evaluations.ask(projects.get(project), evaluation, 'confusion', { score, iou }),
    errors: async ({ project, evaluation, score, iou, offset, limit, ...query }) => {
      const open = projects.get(project);
      const asked = { score, iou, offset, limit, query };
      const { total, items } = await evaluations.ask(open, evaluation, 'errors', asked);
      return {
        total,
        items: items.map(({ kind, iou: overlap, ...at }) => ({ kind, iou: overlap, ...place(open, at) })),
      };
    },
    labelMistakes: async ({ project, evaluation, ...page }) => {
      const open = projects.get(project);
      const { total, items } = await evaluations.ask(open, evaluation, 'labelMistakes', page);
      return { total, items: items.map(({ kind, suspicion, ...at }) => ({ kind, suspicion, ...place(open, at) })) };
    },
    delete: async ({ project, evaluation }) => {
      await evaluations.delete(projects.get(project), evaluation);
      return {};
    },
  };
}

interface Placed<D, L> {
  path: string;
  detection: D;
  label: L;
}

/** Where a mistake is, with the image's id as it is now. */
function place<D, L>(open: OpenProject, { path, detection, label }: Placed<D, L>) {
  const row = open.store.imageByPath(path);
  return { path, detection, label, image: row === null ? null : String(row.id) };
}
