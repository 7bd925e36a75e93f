// A process that opens the model files it is given, one after another, and prints what became of each with its time and the process's peak memory.
import { openWeights } from '../../src/core/model/openModel.ts';
import { StudioError } from '../../src/shared/errors.ts';

/** One line of the output, as JSON. */
export interface Opened {
  file: string;
  /** Code of the refusal; null where the file opened, `other` for an error that is none of ours. */
  code: string | null;
  message: string;
  /** Of computing: how long it waited for a processor doesn't count. */
  seconds: number;
  /** Most memory that the process has had until now, in millions of bytes. */
  peakMegabytes: number;
}

for (const file of process.argv.slice(2)) {
  const start = process.cpuUsage();
  const result = await openWeights(file).then(
    () => ({ code: null, message: '' }),
    (error: unknown) => ({
      code: error instanceof StudioError ? error.code : 'other',
      message: error instanceof Error ? error.message : String(error),
    }),
  );
  const used = process.cpuUsage(start);
  const opened: Opened = {
    file,
    ...result,
    seconds: (used.user + used.system) / 1e6,
    peakMegabytes: process.resourceUsage().maxRSS / 1000,
  };
  process.stdout.write(`${JSON.stringify(opened)}\n`);
}
