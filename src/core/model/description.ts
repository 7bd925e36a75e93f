// What a model says of itself, in checkpoints and in exported files alike.
import { z } from 'zod';
import { saying, StudioError } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';

/** Version of the description; a newer one is refused with `model-version`. */
export const descriptionVersion = 1;

/** Key under which checkpoints and ONNX files carry the description. */
export const descriptionKey = 'ttfnet-studio.model';

const schema = z.object({
  version: z.int().positive(),
  network: z.string().min(1),
  classes: z.array(z.string()).min(1),
  width: z.int().positive(),
  height: z.int().positive(),
  createdBy: z.string(),
});

/** Network, classes by id, and input size in pixels of a model. */
export type ModelDescription = z.infer<typeof schema>;

/**
 * Reads a description.
 * @param file name for messages
 * @throws model-version when a newer program wrote it, model-invalid when it is none
 */
export function parseDescription(json: string | undefined, file: string): ModelDescription {
  const raw = parseJson(json);
  const version = z.object({ version: z.int() }).safeParse(raw);
  if (version.success && version.data.version > descriptionVersion)
    throw saying('model-version', 'model.newer', {
      ...{ file, version: String(version.data.version), most: String(descriptionVersion) },
    });
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw new StudioError(
    'model-invalid',
    `${file} is not a model of TTFNet Studio: it has no description of network and classes. Choose a run folder, a checkpoint of one, or an .onnx file that this program exported.`,
    undefined,
    said('model.stranger', { file }),
  );
}

function parseJson(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? 'null');
  } catch {
    return null; // no JSON, no description: the caller says so
  }
}
