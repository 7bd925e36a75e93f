// The door to ONNX Runtime: what the other files of this room import, quiet, and its complaints made readable.
import { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';

// Must be set before the first session of the process. Every failure is thrown too; without this it is also printed, in colour, to stderr.
env.logLevel = 'fatal';

export { env, InferenceSession, listSupportedBackends, Tensor };

/** What the runtime complained about, on one line, without its own source paths and without a full stop. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/\s+/g, ' ')
    .replace(/\/onnxruntime_src\/\S+:\d+ .*?(?:was false\.|\[ONNXRuntimeError\] : \d+ : \w+ :)\s*/g, '')
    .replace(/[.\s]+$/, '');
}
