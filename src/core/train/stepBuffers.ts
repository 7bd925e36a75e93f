// The arrays that a training step reads: pixels and targets of a batch, fed without a copy.
import { sizeOf } from '../onnx/tensorType.ts';
import { tensor, type HostTensor } from '../runtime/hostTensor.ts';
import { trainingPorts, type PixelInput, type TrainingProgram } from '../ttfnet/programs.ts';

/** Input buffers of a step; filled in place, fed without a copy. */
export interface BatchBuffers {
  /** uint8 RGB [N, H, W, 3]; where a step was made for other pixels, those */
  image: Uint8Array | Float32Array;
  /** [N, C, H / 4, W / 4] */
  heatmap: Float32Array;
  /** [N, 4, H / 4, W / 4]; with a size head per class [N, 4 C, H / 4, W / 4] */
  boxTarget: Float32Array;
  /** [N, 1, H / 4, W / 4]; with a size head per class [N, C, H / 4, W / 4] */
  regWeight: Float32Array;
}

/** Shapes of {@link BatchBuffers}. */
export type DataShapes = Record<keyof BatchBuffers, readonly number[]>;

/** The shapes that a training graph declares. */
export function dataShapes({ graph }: TrainingProgram): DataShapes {
  const shape = (port: string): readonly number[] => graph.value(port)!.shape;
  const { image, heatmap, boxTarget, regWeight } = trainingPorts;
  return { image: shape(image), heatmap: shape(heatmap), boxTarget: shape(boxTarget), regWeight: shape(regWeight) };
}

/** Buffers of zeros. */
export function makeBuffers(shapes: DataShapes, pixels: PixelInput): BatchBuffers {
  const map = (shape: readonly number[]): Float32Array => new Float32Array(sizeOf(shape));
  return {
    image: pixels.dtype === 'uint8' ? new Uint8Array(sizeOf(shapes.image)) : map(shapes.image),
    heatmap: map(shapes.heatmap),
    boxTarget: map(shapes.boxTarget),
    regWeight: map(shapes.regWeight),
  };
}

/** The buffers as the graph's inputs. */
export function feedsOf(
  { image, heatmap, boxTarget, regWeight }: BatchBuffers,
  shapes: DataShapes,
  { dtype }: PixelInput,
): Record<string, HostTensor> {
  return {
    [trainingPorts.image]: tensor(dtype, image, shapes.image),
    [trainingPorts.heatmap]: tensor('float32', heatmap, shapes.heatmap),
    [trainingPorts.boxTarget]: tensor('float32', boxTarget, shapes.boxTarget),
    [trainingPorts.regWeight]: tensor('float32', regWeight, shapes.regWeight),
  };
}
