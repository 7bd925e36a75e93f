// Facts about this machine: versions, providers with the reason where one can't be used, threads, measured speed.
import { Detector } from '../../core/detect/detector.ts';
import { baseModelName, openModel } from '../../core/model/openModel.ts';
import { probeBlockSize } from '../../core/runtime/blockSize.ts';
import { machineFacts, measureMatMul, type MachineFacts } from '../../core/runtime/machine.ts';
import { surveyProviders, type ProviderState } from '../../core/runtime/providers.ts';

/** What the doctor found. */
export interface Diagnosis extends MachineFacts {
  /** Channels per block of the runtime's blocked layout; 1 where it has none. */
  block: number;
  providers: ProviderState[];
  /** GFLOP/s of a matrix product. */
  matMul: number;
  /** Milliseconds of the base network on one picture of 512x512. */
  detectMs: number;
}

/** Looks and measures; takes some seconds. */
export async function doctorTask(): Promise<Diagnosis> {
  const detector = await Detector.create(await openModel(baseModelName));
  const size = detector.inputSize;
  const picture = { image: { ...size, data: new Uint8Array(size.width * size.height * 3).fill(127) }, original: size };
  const times: number[] = [];
  for (let i = 0; i < 9; i++) {
    const start = performance.now();
    await detector.detectResized(picture, 0.5);
    times.push(performance.now() - start);
  }
  await detector.release();
  const median = times.slice(2).sort((a, b) => a - b)[3]!;
  return {
    ...machineFacts(),
    block: await probeBlockSize(),
    providers: await surveyProviders(),
    matMul: await measureMatMul(),
    detectMs: median,
  };
}
