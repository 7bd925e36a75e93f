// Contract: formats in and out. What can be read and written, import into the open project, export of it.
import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { foundAnnotations } from './project.ts';
import { hostPath, id, lossReport, progressThen, split } from './common.ts';

/** One annotation format. */
export const formatInfo = z.object({
  /** `coco`, `voc`, `yolo`, `labelme`, `cvat`, `csv`. */
  key: z.string(),
  title: z.string(),
  reads: z.boolean(),
  writes: z.boolean(),
});
/** {@link formatInfo} as a type. */
export type FormatInfo = z.infer<typeof formatInfo>;

/** Calls on formats. */
export const dataset = {
  formats: oc.output(z.array(formatInfo)),
  /** Annotations that lie in a folder or file. */
  find: oc.input(z.object({ path: hostPath })).output(z.array(foundAnnotations)),
  /** Reads annotations into the project as one undoable step; images are matched by path, then by name. */
  import: oc
    .input(z.object({ project: id, path: hostPath, format: z.string() }))
    .output(eventIterator(progressThen(lossReport))),
  /** Writes the confirmed boxes of the project (all parts, or some) into a folder. Nothing is overwritten: a folder with files in it is refused. */
  export: oc
    .input(z.object({ project: id, format: z.string(), to: hostPath, splits: z.array(split).optional() }))
    .output(eventIterator(progressThen(lossReport))),
};
