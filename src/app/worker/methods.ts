// What the program's child processes can do. One script serves every kind; each kind runs in a process of its own, so that none waits for another.
import type { Size } from '../../shared/geometry.ts';
import type { Detection } from '../../shared/labels.ts';
import type { Exported } from './exportModel.ts';
import type { Heat } from './heat.ts';
import type { SerialError } from './protocol.ts';
import type { ImageFacts } from '../../core/store/types.ts';

/** Pixels: everything that decodes a picture, away from the window's process. */
export type PixelMethods = {
  /** Facts about an image file: content hash, upright size, perceptual hash. */
  facts: { input: { file: string }; event: never; result: ImageFacts };
  /** Upright size, read from the head of the file. */
  size: { input: { file: string }; event: never; result: Size };
  /** Upright WebP of at most `side` pixels on its longer side. */
  thumbnail: { input: { file: string; side: number }; event: never; result: Uint8Array };
  /** The whole picture upright, as a file that every browser shows. */
  picture: { input: { file: string }; event: never; result: { bytes: Uint8Array; type: string } };
};

/** Models at work: `model` is what `openModel` takes. */
export type VisionMethods = {
  describe: { input: { model: string }; event: never; result: { classes: string[]; inputSize: number } };
  /** Detects on files in order; a bad file is an event, never the end. */
  detect: {
    input: { model: string; files: string[]; score: number };
    event: { index: number; detections: Detection[]; size: Size } | { index: number; failed: SerialError };
    result: { classes: string[] };
  };
  heatmap: {
    input: { model: string; file: string };
    event: never;
    result: Heat & { classes: string[]; milliseconds: number };
  };
  /** Which processors can compute here. */
  survey: {
    input: Record<string, never>;
    event: never;
    result: { name: string; available: boolean; reason: string }[];
  };
  /** Milliseconds that the model takes for one image, and where it computes. */
  measure: {
    input: { model: string };
    event: never;
    result: { milliseconds: number; processor: string; processorReason: string };
  };
  /** Writes an ONNX file and its readme. */
  export: { input: { model: string; file: string; outputs: 'boxes' | 'heads' }; event: never; result: Exported };
};
