// Writes a model as an ONNX file, with a readme of how to run it elsewhere beside it.
import path from 'node:path';
import { writeFileAtomic } from '../../core/files/atomicWrite.ts';
import { buildModel, openWeights } from '../../core/model/openModel.ts';
import type { ModelDescription } from '../../core/model/description.ts';

/** What was written. */
export interface Exported {
  file: string;
  bytes: number;
  readme: string;
}

/** Writes `file` and `<name>.md`. Errors: `model-invalid`, `disk-full`, `file-permission`. */
export async function exportModel(reference: string, file: string, outputs: 'boxes' | 'heads'): Promise<Exported> {
  const model = await openWeights(reference);
  const bytes = buildModel(model, { outputs, input: { dtype: 'uint8', layout: 'nhwc' }, batch: 1 });
  const readme = `${file.slice(0, -path.extname(file).length)}.md`;
  await writeFileAtomic(file, bytes);
  await writeFileAtomic(readme, readmeOf(path.basename(file), model.description, outputs));
  return { file, bytes: bytes.length, readme };
}

function readmeOf(
  name: string,
  { classes, width, height, network }: ModelDescription,
  outputs: 'boxes' | 'heads',
): string {
  const results =
    outputs === 'boxes'
      ? 'boxes, scores, classes = session.run(["boxes", "scores", "classes"], {"image": image})\n' +
        'for (x1, y1, x2, y2), score, label in zip(boxes[0], scores[0], classes[0]):\n' +
        '    if score < 0.3: break  # sorted, best first\n' +
        `    print(names[label], score, x1 * sx, y1 * sy, (x2 + 1) * sx, (y2 + 1) * sy)  # pixels of the original`
      : 'logits, distances = session.run(["heatmap_logits", "distances"], {"image": image})\n' +
        '# score = 1 / (1 + exp(-logits)); distances are left, top, right, bottom in input pixels from cell * 4';
  return `# ${name}

A ${network} TTFNet detector, exported by TTFNet Studio. Classes: ${classes.join(', ')}.

Input \`image\`: uint8, [1, ${height}, ${width}, 3], RGB, 0 to 255; the picture resized to ${width} x ${height} without keeping its ratio.
Normalisation is inside the model. Classes, preprocessing and version are in the file's metadata.

\`\`\`python
import numpy, onnxruntime, json
from PIL import Image, ImageOps

session = onnxruntime.InferenceSession("${name}")
names = json.loads(session.get_modelmeta().custom_metadata_map["classes"])
picture = ImageOps.exif_transpose(Image.open("photo.jpg")).convert("RGB")
sx, sy = picture.width / ${width}, picture.height / ${height}
image = numpy.asarray(picture.resize((${width}, ${height}), Image.BILINEAR), numpy.uint8)[None]
${results}
\`\`\`
`;
}
