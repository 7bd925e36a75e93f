// What each command of Label does.
import type { Box } from '../../../shared/geometry.ts';
import type { HistoryEntry } from '../../../shared/contract/index.ts';
import type { Stage } from '../../canvas/stage.svelte.ts';
import { t } from '../../i18n/i18n.svelte.ts';
import type { CommandId } from '../../keys/commands.ts';
import type { Project } from '../../state/project.svelte.ts';

/** What the commands work on. */
export interface LabelParts {
  project: Project;
  stage: Stage;
  attempt: (what: () => Promise<unknown>) => Promise<unknown>;
  fail: (error: unknown) => void;
  say: (title: string) => void;
  undone: (entry: HistoryEntry | null) => void;
  search: () => void;
  checkpoint: () => void;
  keyboardBox: () => Box;
}

/** The table of commands that work in Label. */
export function labelCommands(parts: LabelParts): Partial<Record<CommandId, () => void>> {
  return {
    ...goCommands(parts),
    ...drawCommands(parts),
    ...editCommands(parts),
    ...modelCommands(parts),
    ...viewCommands(parts),
  };
}

function goCommands({ project, attempt, say, search }: LabelParts): Partial<Record<CommandId, () => void>> {
  const go = (step: number) => () => void attempt(() => project.go(step));
  const mark = (status: 'reviewed' | 'skipped') => () =>
    void attempt(async () => {
      if (!(await project.mark(status))) say(t('review.end'));
    });
  const showOpen = async (): Promise<void> => {
    if (!(await project.goToOpen())) say(t('review.all'));
  };
  return {
    'go.next': go(1),
    'go.previous': go(-1),
    'go.nextArrow': go(1),
    'go.previousArrow': go(-1),
    'go.review': mark('reviewed'),
    'go.skip': mark('skipped'),
    'go.nextOpen': () => void attempt(showOpen),
    'go.search': search,
    'go.cycle': () => project.editor.cycle(1),
    'go.cycleBack': () => project.editor.cycle(-1),
  };
}

function drawCommands({ project, stage, keyboardBox }: LabelParts): Partial<Record<CommandId, () => void>> {
  const { editor, labeller, classes } = project;
  const { selection } = editor;
  const classKeys = Object.fromEntries(
    '1234567890'.split('').map((key, i) => {
      const use = (): void => {
        const found = classes.byHotkey(key);
        if (found) labeller.useClass(found.id);
      };
      return [`class.${String(i + 1)}`, use];
    }),
  ) as Partial<Record<CommandId, () => void>>;
  return {
    ...classKeys,
    'draw.box': () => {
      labeller.tool = 'draw';
      selection.only(null);
    },
    'draw.select': () => (labeller.tool = 'select'),
    'draw.point': () => (labeller.tool = 'point'),
    'draw.finish': () => {
      if (stage.finish()) return;
      if (editor.selected.length > 0) selection.only(null);
      else if (labeller.tool === 'draw') labeller.draw(keyboardBox());
    },
    'draw.cancel': () => {
      if (stage.cancel()) return;
      if (editor.selected.length > 0) selection.only(null);
      else if (labeller.tool !== 'draw') labeller.tool = 'draw';
    },
  };
}

function editCommands(parts: LabelParts): Partial<Record<CommandId, () => void>> {
  const { project, attempt, undone, checkpoint } = parts;
  const { editor, labeller } = project;
  const step = (direction: 'undo' | 'redo') => () =>
    void attempt(async () => {
      if (direction === 'undo' && parts.stage.cancel()) return;
      const entry = await project.undo(direction);
      if (!entry) undone(null);
    });
  return {
    'edit.undo': step('undo'),
    'edit.redo': step('redo'),
    'edit.selectAll': () => editor.selection.all(editor.visible.map(({ id }) => id)),
    'edit.delete': () => labeller.remove(),
    'edit.copy': () => labeller.copy(),
    'edit.paste': () => labeller.paste(),
    'edit.duplicate': () => labeller.duplicate(),
    'edit.copyPrevious': () => void attempt(() => copyPrevious(parts)),
    'edit.checkpoint': checkpoint,
    'edit.nudgeLeft': () => labeller.nudge(-1, 0),
    'edit.nudgeRight': () => labeller.nudge(1, 0),
    'edit.nudgeUp': () => labeller.nudge(0, -1),
    'edit.nudgeDown': () => labeller.nudge(0, 1),
    'edit.nudgeLeft10': () => labeller.nudge(-10, 0),
    'edit.nudgeRight10': () => labeller.nudge(10, 0),
    'edit.nudgeUp10': () => labeller.nudge(0, -10),
    'edit.nudgeDown10': () => labeller.nudge(0, 10),
    'edit.narrower': () => labeller.grow(-1, 0),
    'edit.wider': () => labeller.grow(1, 0),
    'edit.shorter': () => labeller.grow(0, -1),
    'edit.taller': () => labeller.grow(0, 1),
  };
}

async function copyPrevious({ project, say }: LabelParts): Promise<void> {
  const previous = await project.gallery.item(project.gallery.index - 1);
  if (!previous) {
    say(t('label.noPrevious'));
    return;
  }
  const n = await project.labeller.copyFrom(previous.id);
  say(n > 0 ? t('label.copied', { n }) : t('label.copiedNone'));
}

function modelCommands({ project, attempt, say }: LabelParts): Partial<Record<CommandId, () => void>> {
  const { editor, labeller } = project;
  const suggest = async (): Promise<void> => {
    const { image } = editor;
    if (!image || project.models.currentId === null) return;
    const done = await project.suggest(t('suggest.running'), [image.id], project.classes.list.length === 0);
    if (done.boxes === 0) say(t('suggest.nothing'));
  };
  return {
    'suggest.run': () => void attempt(suggest),
    'suggest.accept': () => labeller.accept(),
    'suggest.acceptAll': () => labeller.acceptAll(),
    'suggest.reject': () => labeller.reject(),
    'view.heatmap': () => (project.heatmap.on = !project.heatmap.on),
  };
}

function viewCommands({ stage }: LabelParts): Partial<Record<CommandId, () => void>> {
  return {
    'view.fit': () => stage.fit(),
    'view.actual': () => stage.actualSize(),
    'view.zoomIn': () => stage.zoom(1.25),
    'view.zoomOut': () => stage.zoom(0.8),
  };
}
