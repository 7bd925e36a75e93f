// A detector: a loaded model that turns pictures into detections.
import { StudioError } from '../../shared/errors.ts';
import type { Size } from '../../shared/geometry.ts';
import type { Detection } from '../../shared/labels.ts';
import { decodeResized, type ResizedImage } from '../image/decode.ts';
import { buildModel, type OpenModel } from '../model/openModel.ts';
import type { PixelInput } from '../ttfnet/programs.ts';
import type { ProviderName } from '../runtime/providerNames.ts';
import { probeBlockSize } from '../runtime/blockSize.ts';
import { tensor } from '../runtime/hostTensor.ts';
import { createSession, type Session } from '../runtime/session.ts';

/** Where and how a detector runs. */
export interface DetectorOptions {
  provider?: ProviderName;
  threads?: number;
}

/** A model ready to detect. Release it when done. */
export class Detector {
  readonly classes: readonly string[];
  readonly inputSize: Size;
  readonly #session: Session;
  readonly #input: PixelInput;

  private constructor(session: Session, model: OpenModel, input: PixelInput) {
    this.classes = model.description.classes;
    this.inputSize = { width: model.description.width, height: model.description.height };
    this.#session = session;
    this.#input = input;
  }

  /** Loads a model. @throws model-invalid, provider-unavailable, argument-invalid */
  static async create(model: OpenModel, options: DetectorOptions = {}): Promise<Detector> {
    const input = model.kind === 'onnx' ? model.input : ({ dtype: 'uint8', layout: 'nhwc' } as const);
    const { provider = 'cpu' } = options;
    const block = provider === 'cpu' ? await probeBlockSize() : 1;
    const bytes =
      model.kind === 'onnx' ? model.bytes : buildModel(model, { outputs: 'boxes', input, batch: 1, provider, block });
    return new Detector(await createSession(bytes, { ...options, name: model.source }), model, input);
  }

  /**
   * Detects on one file. Boxes are in continuous pixels of the upright original.
   * @param score detections below it are left out, 0 to 1
   * @throws image-unreadable, image-too-large, file errors
   */
  async detect(file: string, score: number): Promise<{ detections: Detection[]; size: Size }> {
    const resized = await decodeResized(file, this.inputSize);
    return { detections: await this.detectResized(resized, score), size: resized.original };
  }

  /** {@link detect} on a picture that was already decoded to {@link inputSize}, so that decoding can run ahead. */
  async detectResized({ image, original }: ResizedImage, score: number): Promise<Detection[]> {
    const { width, height } = this.inputSize;
    if (image.width !== width || image.height !== height)
      throw new StudioError(
        'internal',
        `the picture is ${image.width}x${image.height}, the model takes ${width}x${height}`,
      );
    const outputs = await this.#session.run({ image: this.#pixels(image.data) });
    const boxes = outputs['boxes']!.data as Float32Array;
    const scores = outputs['scores']!.data as Float32Array;
    const classes = outputs['classes']!.data as BigInt64Array;
    const [sx, sy] = [original.width / width, original.height / height];
    const detections: Detection[] = [];
    for (let i = 0; i < scores.length && scores[i]! >= score; i++) {
      const [x1, y1, x2, y2] = boxes.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
      if (x2 < x1 || y2 < y1) continue; // a negative distance at a weak peak spans nothing
      // The network's far corner is inclusive: its pixel is part of the box.
      const box = { x1: x1 * sx, y1: y1 * sy, x2: (x2 + 1) * sx, y2: (y2 + 1) * sy };
      detections.push({ box, classId: Number(classes[i]), score: scores[i]! });
    }
    return detections;
  }

  /** Frees the model's memory. */
  release(): Promise<void> {
    return this.#session.release();
  }

  #pixels(rgb: Uint8Array): ReturnType<typeof tensor> {
    const { width, height } = this.inputSize;
    const { dtype, layout } = this.#input;
    const dims = layout === 'nhwc' ? [1, height, width, 3] : [1, 3, height, width];
    const ordered = layout === 'nhwc' ? rgb : planes(rgb);
    return dtype === 'uint8' ? tensor('uint8', ordered, dims) : tensor('float32', Float32Array.from(ordered), dims);
  }
}

/** RGB interleaved to one plane per channel. */
function planes(rgb: Uint8Array): Uint8Array {
  const pixels = rgb.length / 3;
  const result = new Uint8Array(rgb.length);
  for (let i = 0; i < pixels; i++) for (let c = 0; c < 3; c++) result[c * pixels + i] = rgb[3 * i + c]!;
  return result;
}
