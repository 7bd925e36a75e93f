// What the program's child processes can do. One script serves every kind; each kind runs in a process of its own, so that none waits for another.
import type { Size } from '../../shared/geometry.ts';
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
