// The door to ONNX Runtime: what the other files of this room use, quiet and silent, and its complaints made readable.
import { createRequire } from 'node:module';
import type * as Onnx from 'onnxruntime-node';
import { silenceTelemetry } from './telemetry.ts';

// Not an import statement: those run first, whatever stands before them, and in the built files all of them do.
silenceTelemetry();
const require = createRequire(import.meta.url);
const runtime = require('onnxruntime-node') as typeof Onnx;

export const { env, InferenceSession, listSupportedBackends, Tensor } = runtime;
/** A loaded model. */
export type InferenceSession = Onnx.InferenceSession;
/** How the runtime loads a model. */
export type NativeOptions = Onnx.InferenceSession.SessionOptions;
/** What the runtime tells about an input or output. */
export type NativePort = Onnx.InferenceSession.ValueMetadata;
/** The runtime's own tensor. */
export type Tensor = Onnx.Tensor;

// Must be set before the first session of the process. Every failure is thrown too; without this it is also printed, in colour, to stderr.
env.logLevel = 'fatal';

/** What the runtime complained about, on one line, without its own source paths and without a full stop. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/\s+/g, ' ')
    .replace(/\/onnxruntime_src\/\S+:\d+ .*?(?:was false\.|\[ONNXRuntimeError\] : \d+ : \w+ :)\s*/g, '')
    .replace(/[.\s]+$/, '');
}
