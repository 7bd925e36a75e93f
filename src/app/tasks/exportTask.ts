// Export of a model as one ONNX file that plain ONNX Runtime runs, and a small readme beside it.
import path from 'node:path';
import { writeFileAtomic } from '../../core/files/atomicWrite.ts';
import { buildModel, openWeights, type BuildOptions } from '../../core/model/openModel.ts';

/** What to export, and how its inputs and outputs look. */
export interface ExportRequest extends BuildOptions {
  model: string;
  /** Path of the .onnx file. */
  file: string;
}

/** What was written. */
export interface ExportOutcome {
  file: string;
  readme: string;
  bytes: number;
  classes: readonly string[];
}

/** Writes the model. @throws model-invalid, argument-invalid, disk-full, file-permission, file-missing */
export async function exportTask({ model, file, ...build }: ExportRequest): Promise<ExportOutcome> {
  const weights = await openWeights(model);
  const bytes = buildModel(weights, build);
  await writeFileAtomic(file, bytes);
  const readme = `${file.replace(/\.onnx$/i, '')}.md`;
  const size = build.size ?? weights.description;
  await writeFileAtomic(readme, describe(path.basename(file), weights.description.classes, size, build));
  return { file, readme, bytes: bytes.length, classes: weights.description.classes };
}

function describe(
  name: string,
  classes: readonly string[],
  { width, height }: { width: number; height: number },
  { outputs, input, batch }: BuildOptions,
): string {
  const shape = input.layout === 'nhwc' ? `[${batch}, ${height}, ${width}, 3]` : `[${batch}, 3, ${height}, ${width}]`;
  const results =
    outputs === 'boxes'
      ? `- \`boxes\` float32 [${batch}, 100, 4]: x1, y1, x2, y2 in input pixels, far corner inclusive, best first\n- \`scores\` float32 [${batch}, 100]: 0 to 1\n- \`classes\` int64 [${batch}, 100]: index into the list below`
      : `- \`heatmap_logits\` float32 [${batch}, ${classes.length}, ${height / 4}, ${width / 4}]: before the sigmoid\n- \`distances\` float32 [${batch}, 4, ${height / 4}, ${width / 4}]: left, top, right, bottom from (4 x, 4 y), in input pixels`;
  return `# ${name}

A TTFNet detector exported by TTFNet Studio. It runs in plain ONNX Runtime (opset 22).

Input \`image\`: ${input.dtype} ${shape}, RGB, 0 to 255; resize the picture to ${width}x${height} without keeping its ratio. Normalisation is inside the model.

Outputs:
${results}

Classes: ${classes.map((c, i) => `${i} ${c}`).join(', ')}

\`\`\`python
import numpy as np, onnxruntime as ort
from PIL import Image
session = ort.InferenceSession("${name}")
pixels = np.asarray(Image.open("picture.jpg").convert("RGB").resize((${width}, ${height})), dtype=np.${input.dtype})
${input.layout === 'nhwc' ? 'image = pixels[None]' : 'image = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])'}
outputs = session.run(None, {"image": image})
\`\`\`
`;
}
