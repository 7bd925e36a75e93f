// Contract: models. The base network, this project's runs and imported files in one list.
import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { hostPath, id, nothing, progressThen } from './common.ts';

/** One model that can suggest, detect or be trained on. */
export const modelInfo = z.object({
  id,
  name: z.string(),
  kind: z.enum(['base', 'run', 'import']),
  classes: z.array(z.string()),
  /** Side of the square the image is brought into, pixels. */
  inputSize: z.number().int(),
  /** AP (0 to 1) on its own validation images; `null` when it has never been evaluated. */
  ap: z.number().nullable(),
  /** Milliseconds since 1970; `null` for the base. */
  createdAt: z.number().nullable(),
  note: z.string(),
  /** The run it came from. */
  run: id.nullable(),
});
/** {@link modelInfo} as a type. */
export type ModelInfo = z.infer<typeof modelInfo>;

const exported = z.object({ file: hostPath, bytes: z.number().int(), readme: hostPath });

/** Calls on models. */
export const models = {
  list: oc.input(z.object({ project: id })).output(z.array(modelInfo)),
  /** The model that suggests boxes in this project. */
  current: oc.input(z.object({ project: id })).output(z.object({ model: id })),
  setCurrent: oc.input(z.object({ project: id, model: id })).output(nothing),
  /** Copies a model file into the project after opening it: `.onnx` exported by this program, `.safetensors`. Errors: `model-invalid`, `model-version`. */
  import: oc.input(z.object({ project: id, file: hostPath })).output(modelInfo),
  update: oc
    .input(
      z.object({
        project: id,
        model: id,
        name: z.string().trim().min(1).max(200).optional(),
        note: z.string().max(20_000).optional(),
      }),
    )
    .output(modelInfo),
  /** Deletes an imported model or a run's weights; the base can't be deleted. */
  delete: oc.input(z.object({ project: id, model: id })).output(nothing),
  /** Writes an ONNX file (`boxes`: decoding inside; `heads`: heatmap and distances) and a readme of how to run it elsewhere. */
  export: oc
    .input(z.object({ project: id, model: id, file: hostPath, outputs: z.enum(['boxes', 'heads']) }))
    .output(eventIterator(progressThen(exported))),
};
