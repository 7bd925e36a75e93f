// Handlers of the contract's labels and classes. Each has saved when it answers, and tells the other windows.
import type { LabelOp } from '../../core/store/edits.ts';
import type { UndoResult } from '../../core/store/history.ts';
import type { LabelChange, LabelClass } from '../../shared/contract/labels.ts';
import type { DomainHandlers } from '../host/call.ts';
import { numberOf, type OpenProject } from '../host/openProject.ts';
import type { Services } from '../host/services.ts';
import { objectsAt, toClass, toEntry, toItem, toObject } from './convert.ts';

type Labels = DomainHandlers<'labels'>;

/** Binds `labels.*`. */
export function labelHandlers(services: Services): Labels {
  return { ...objectHandlers(services), ...historyHandlers(services), ...classHandlers(services) };
}

function imageLabels(open: OpenProject, id: number) {
  const row = open.image(String(id));
  return { image: toItem(row), objects: open.store.boxes(id).map(toObject), revision: open.store.revision };
}

function toOp(change: LabelChange): LabelOp {
  if ((change.type === 'add' || change.type === 'update') && change.classId !== undefined)
    return { ...change, classId: numberOf(change.classId) };
  return change as LabelOp;
}

function objectHandlers({ projects }: Services): Pick<Labels, 'get' | 'edit' | 'setStatus'> {
  return {
    get: async ({ project, image }) => {
      const open = projects.get(project);
      return imageLabels(open, (await open.withFacts(image)).id);
    },
    edit: async ({ project, image, action, changes }) => {
      const open = projects.get(project);
      const { id } = await open.withFacts(image); // boxes can only be clipped to a size that is known
      open.store.edit(open.person, [{ image: id, ops: changes.map(toOp) }], { action });
      open.changed('labels', [id]);
      return imageLabels(open, id);
    },
    setStatus: ({ project, images, status }) => {
      const open = projects.get(project);
      const ids = images.map(numberOf);
      open.store.edit(
        open.person,
        ids.map((image) => ({ image, ops: [{ type: 'status', status }] })),
        { action: 'status' },
      );
      open.changed('labels', ids);
      return {};
    },
  };
}

function undoResult(open: OpenProject, result: UndoResult | null) {
  if (result !== null) {
    open.changed('labels', result.images);
    open.changed('classes');
  }
  const entry = result === null ? undefined : open.store.history({ before: result.last + 1, limit: 1 })[0];
  return { entry: entry === undefined ? null : toEntry(entry, result?.images ?? []), ...open.store.undoState() };
}

function historyHandlers({ projects }: Services): Pick<Labels, 'undo' | 'redo' | 'history' | 'at' | 'restore'> {
  return {
    undo: ({ project }) => {
      const open = projects.get(project);
      return undoResult(open, open.store.undo(open.person));
    },
    redo: ({ project }) => {
      const open = projects.get(project);
      return undoResult(open, open.store.redo(open.person));
    },
    history: ({ project, image, before, limit }) => {
      const known = image === undefined ? [] : [numberOf(image)];
      const query = {
        ...(known[0] === undefined ? {} : { image: known[0] }),
        ...(before === undefined ? {} : { before: numberOf(before) }),
        limit,
      };
      return projects
        .get(project)
        .store.history(query)
        .map((entry) => toEntry(entry, known));
    },
    at: ({ project, image, entry }) => {
      const open = projects.get(project);
      return objectsAt(open.store.timeline(open.image(image).id), numberOf(entry));
    },
    restore: ({ project, image, entry }) => {
      const open = projects.get(project);
      const { id } = open.image(image);
      open.store.restoreImage(open.person, id, numberOf(entry));
      open.changed('labels', [id]);
      return imageLabels(open, id);
    },
  };
}

type ClassCalls = 'classes' | 'addClass' | 'updateClass' | 'orderClasses' | 'mergeClasses' | 'deleteClass';

function oneClass(open: OpenProject, id: number): LabelClass {
  return toClass(open.store.classes().find((c) => c.id === id)!);
}

function classHandlers({ projects }: Services): Pick<Labels, ClassCalls> {
  const after = (open: OpenProject, labelsToo = false) => {
    open.changed('classes');
    if (labelsToo) open.changed('labels');
    return {};
  };
  return {
    classes: ({ project }) => projects.get(project).store.classes().map(toClass),
    addClass: ({ project, name, color }) => {
      const open = projects.get(project);
      const [id] = open.store.addClasses(open.person, [{ name, ...(color === undefined ? {} : { color }) }]);
      after(open);
      return oneClass(open, id!);
    },
    updateClass: ({ project, classId, name, color, hotkey }) => {
      const open = projects.get(project);
      const change = {
        ...(name === undefined ? {} : { name }),
        ...(color === undefined ? {} : { color }),
        ...(hotkey === undefined ? {} : { key: hotkey }),
      };
      open.store.updateClass(open.person, numberOf(classId), change);
      after(open);
      return oneClass(open, numberOf(classId));
    },
    orderClasses: ({ project, classes }) => {
      const open = projects.get(project);
      open.store.orderClasses(open.person, classes.map(numberOf));
      return after(open);
    },
    mergeClasses: ({ project, from, into }) => {
      const open = projects.get(project);
      open.store.mergeClasses(open.person, from.map(numberOf), numberOf(into));
      return after(open, true);
    },
    deleteClass: ({ project, classId }) => {
      const open = projects.get(project);
      open.store.deleteClasses(open.person, [numberOf(classId)]);
      return after(open, true);
    },
  };
}
