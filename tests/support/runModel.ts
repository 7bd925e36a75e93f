// Runs a serialised model once on the CPU with float32 feeds: for tests of graphs.
import { InferenceSession, Tensor } from '../../src/core/runtime/native.ts';

const sessions = new WeakMap<Uint8Array, Promise<InferenceSession>>();

/** Feeds float32 arrays by name and returns every float32 output (others converted to numbers) by name. */
export async function runModel(
  model: Uint8Array,
  feeds: Record<string, Float32Array | BigInt64Array | Uint8Array>,
  shapes: Record<string, readonly number[]>,
): Promise<Record<string, Float32Array>> {
  let session = sessions.get(model);
  if (!session)
    sessions.set(
      model,
      (session = InferenceSession.create(model, {
        intraOpNumThreads: 1,
        extra: { session: { intra_op: { allow_spinning: '0' } } },
      })),
    );
  const tensors = Object.fromEntries(
    Object.entries(feeds).map(([name, data]) => {
      const type = data instanceof Float32Array ? 'float32' : data instanceof Uint8Array ? 'uint8' : 'int64';
      return [name, new Tensor(type, data, [...shapes[name]!])];
    }),
  );
  const outputs = await (await session).run(tensors);
  return Object.fromEntries(
    Object.entries(outputs).map(([name, t]) => [name, Float32Array.from(t.data as ArrayLike<number>, Number)]),
  );
}
