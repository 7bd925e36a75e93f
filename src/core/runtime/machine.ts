// What this machine is and how fast it computes: for doctor and the benchmarks.
import os from 'node:os';
import { performance } from 'node:perf_hooks';
import { tensor } from './hostTensor.ts';
import { env } from './native.ts';
import type { ProviderName } from './providerNames.ts';
import { createSession } from './session.ts';
import { telemetryTold } from './telemetry.ts';
import { defaultThreads } from './threads.ts';
import { encodeTinyModel } from './tinyModel.ts';

/** Facts about machine and versions. */
export interface MachineFacts {
  platform: string;
  arch: string;
  cpu: string;
  logicalCores: number;
  /** Threads that sessions use by default. */
  threads: number;
  /** Bytes of main memory. */
  memory: number;
  node: string;
  /** Version of the native ONNX Runtime. */
  onnxruntime: string;
  /** Whether the runtime reports to its maker. */
  telemetry: ReturnType<typeof telemetryTold>;
}

/** Collects them. @throws argument-invalid when TTFNET_THREADS is wrong */
export function machineFacts(): MachineFacts {
  return {
    platform: process.platform,
    arch: process.arch,
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    logicalCores: os.availableParallelism(),
    threads: defaultThreads(),
    memory: os.totalmem(),
    node: process.versions.node,
    onnxruntime: env.versions.node ?? env.versions.common,
    telemetry: telemetryTold(),
  };
}

/** What to multiply, where, and for how long. */
export interface MatMulMeasurement {
  /** Side of the square matrices; default 1024. */
  size?: number;
  provider?: ProviderName;
  threads?: number;
  /** Multiplications after two warm-up ones; default 7. */
  repeats?: number;
}

/**
 * Measures the multiplication of two square float32 matrices, the ceiling to compare models with.
 * @returns GFLOP/s of the fastest repeat, copies to and from a GPU included
 * @throws provider-unavailable
 */
export async function measureMatMul(options: MatMulMeasurement = {}): Promise<number> {
  const { size = 1024, repeats = 7, provider, threads } = options;
  const shape = [size, size];
  const model = encodeTinyModel({ op: 'MatMul', inputs: { a: shape, b: shape }, output: shape });
  const session = await createSession(model, { name: 'the speed probe', provider, threads });
  const [a, b, y] = [0, 1, 2].map((seed) => tensor('float32', wave(size * size, seed), shape));
  let best = Infinity;
  for (let i = -2; i < repeats; i++) {
    const start = performance.now();
    await session.run({ a: a!, b: b! }, { y: y! });
    if (i >= 0) best = Math.min(best, performance.now() - start);
  }
  await session.release();
  return (2 * size ** 3) / (best * 1e6);
}

/** Numbers of ordinary size: zeros or denormals would measure another speed. */
const wave = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(i + seed));
