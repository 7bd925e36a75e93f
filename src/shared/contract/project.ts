// Contract: projects. Recent list, new, open, rescan, checkpoints, offline merge, and the stream of what changed.
import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import {
  box,
  hostPath,
  id,
  imageStatus,
  lossReport,
  nothing,
  progressThen,
  saidSentence,
  toldSentence,
} from './common.ts';
import { maxClasses } from '../labels.ts';

/** How many images there are, by status, and the boxes on them. */
export const projectCounts = z.object({
  images: z.number().int(),
  byStatus: z.record(imageStatus, z.number().int()),
  /** Boxes that a person or an import stands behind. */
  boxes: z.number().int(),
  /** A model's boxes that nobody has accepted or rejected. */
  suggestions: z.number().int(),
  /** Images whose file isn't where it was. */
  missing: z.number().int(),
});

/** An open project. `revision` grows with every change of it. */
export const projectInfo = z.object({
  id,
  name: z.string(),
  /** The folder of images; the project's own files are in a hidden folder inside it. */
  path: hostPath,
  counts: projectCounts,
  revision: z.number().int(),
  canUndo: z.boolean(),
  canRedo: z.boolean(),
  /** Why nothing can be edited, as a sentence (read-only disk, open elsewhere, a damaged file's backup shown); `null` when all is well. */
  readOnlyReason: z.string().nullable(),
  /** The same by key, where there is one. */
  readOnlySaid: saidSentence.nullable(),
  /** Things about this opening that the person must know, as sentences. */
  notices: z.array(toldSentence),
});
/** {@link projectInfo} as a type. */
export type ProjectInfo = z.infer<typeof projectInfo>;

/** One line of Home's recent list. */
export const recentProject = z.object({
  path: hostPath,
  name: z.string(),
  images: z.number().int(),
  labelled: z.number().int(),
  boxes: z.number().int(),
  /** Milliseconds since 1970. */
  openedAt: z.number(),
  /** False when the folder is gone or its disk isn't there. */
  exists: z.boolean(),
  /** Path under `/media/` of a small picture, or `null`. */
  cover: z.string().nullable(),
});
/** {@link recentProject} as a type. */
export type RecentProject = z.infer<typeof recentProject>;

/** Annotations found beside the images, offered for import. */
export const foundAnnotations = z.object({
  /** Key of the format, see `dataset.formats`. */
  format: z.string(),
  /** File or folder they are in. */
  path: hostPath,
  /** A sentence on why it is taken for this format. */
  evidence: z.string(),
  /** The same by key. */
  evidenceSaid: saidSentence.nullable(),
});
/** {@link foundAnnotations} as a type. */
export type FoundAnnotations = z.infer<typeof foundAnnotations>;

/** What is in a folder that may become a project. */
export const folderReport = z.object({
  path: hostPath,
  /** Proposed project name. */
  name: z.string(),
  images: z.number().int(),
  /** The counting stopped at 200,000 files. */
  more: z.boolean(),
  /** A project is there already: open it instead. Its folder was not looked through then: no images, no annotations told. */
  isProject: z.boolean(),
  annotations: z.array(foundAnnotations),
});
/** {@link folderReport} as a type. */
export type FolderReport = z.infer<typeof folderReport>;

/** A change of an open project, whoever made it; re-read what it touches. */
export const projectEvent = z.object({
  type: z.enum(['images', 'labels', 'classes', 'runs', 'models', 'project', 'jobs']),
  revision: z.number().int(),
  /** Images it touches; absent when many. */
  images: z.array(id).optional(),
});
/** {@link projectEvent} as a type. */
export type ProjectEvent = z.infer<typeof projectEvent>;

/** A named state of the project that can be gone back to. */
export const checkpoint = z.object({ id, name: z.string(), at: z.number(), automatic: z.boolean() });

const mergeSide = z.object({ box, className: z.string() }).nullable();

/** A box that both copies changed, each in another way; a side is `null` where it deleted the box. `key` names it in `merge`'s choices. */
export const mergeConflict = z.object({ key: id, image: id, path: z.string(), ours: mergeSide, theirs: mergeSide });
/** {@link mergeConflict} as a type. */
export type MergeConflict = z.infer<typeof mergeConflict>;

const mergeCounts = z.object({
  added: z.number().int(),
  changed: z.number().int(),
  removed: z.number().int(),
  newImages: z.number().int(),
});
/** What a merge would change by itself, and what a person must decide. */
export const mergePreview = mergeCounts.extend({ conflicts: z.array(mergeConflict) });
/** {@link mergePreview} as a type. */
export type MergePreview = z.infer<typeof mergePreview>;

const mergeChoice = z.enum(['ours', 'theirs', 'both']);
/** Whose box stays; `both` keeps ours and adds theirs. */
export type MergeChoice = z.infer<typeof mergeChoice>;

const ref = z.object({ project: id });
/** Folders that could not be entered, and other things that were left out of a project's images. */
const passedOver = z.array(toldSentence.extend({ path: z.string() }));

const opened = z.object({ project: projectInfo, imported: lossReport.nullable(), passedOver });

/** Calls on projects. */
export const project = {
  /** Recent projects, last opened first. */
  recent: oc.output(z.array(recentProject)),
  /** Takes a project off the recent list; its files stay. */
  forget: oc.input(z.object({ path: hostPath })).output(nothing),
  /** Looks into a folder before it becomes a project: images, an existing project, annotations beside the images. */
  inspectFolder: oc.input(z.object({ path: hostPath })).output(folderReport),
  /** Makes a project of a folder: finds its images, reads the offered annotations when asked, opens it. */
  create: oc
    .input(
      z.object({
        path: hostPath,
        name: z.string().trim().min(1).max(200).optional(),
        classes: z.array(z.string().trim().min(1).max(200)).max(maxClasses).optional(),
        importFrom: z.object({ format: z.string(), path: hostPath }).optional(),
      }),
    )
    .output(eventIterator(progressThen(opened))),
  /** Writes the built-in sample project (kept when it is there already) and opens it. */
  sample: oc.output(eventIterator(progressThen(opened))),
  /** Opens the project of a folder; opening an open one gives the same id. Errors: `file-missing`, `project-damaged`, `project-version`. */
  open: oc.input(z.object({ path: hostPath })).output(projectInfo),
  /** The open project's state; `file-missing` when the id isn't open (any more): open it again by path. */
  info: oc.input(ref).output(projectInfo),
  /** Closes it when no other window uses it. */
  close: oc.input(ref).output(nothing),
  rename: oc.input(z.object({ project: id, name: z.string().trim().min(1).max(200) })).output(nothing),
  /** Looks for new, moved and missing images. */
  rescan: oc.input(ref).output(
    eventIterator(
      progressThen(
        z.object({
          added: z.number().int(),
          moved: z.number().int(),
          missing: z.number().int(),
          unreadable: z.array(z.object({ file: z.string(), reason: z.string() })),
          passedOver,
        }),
      ),
    ),
  ),
  /** Named states, newest first. */
  checkpoints: oc.input(ref).output(z.array(checkpoint)),
  /** `Ctrl+S`: a named state to go back to. */
  makeCheckpoint: oc.input(z.object({ project: id, name: z.string().trim().min(1).max(200) })).output(checkpoint),
  /** Brings a named state back, as a change that can itself be undone. */
  restoreCheckpoint: oc.input(z.object({ project: id, checkpoint: id })).output(projectInfo),
  /** What merging another copy of this project (its folder or file) would do; nothing is changed. */
  mergePreview: oc.input(z.object({ project: id, from: hostPath })).output(mergePreview),
  /**
   * Merges the labels of another copy as one step for undo. Where both changed the same box, `choices` (by the conflict's key) and else
   * `conflicts` says whose stays.
   */
  merge: oc
    .input(
      z.object({
        project: id,
        from: hostPath,
        choices: z.record(id, mergeChoice).default({}),
        conflicts: mergeChoice.default('both'),
      }),
    )
    .output(mergeCounts.extend({ conflicts: z.number().int() })),
  /** Changes of the project, from every window, as they happen. */
  events: oc.input(ref).output(eventIterator(projectEvent)),
};
