// The running averages of batch norm: a step's graph gives the batch's statistics, this moves the averages towards them.
import { normMomentum } from '../nn/norm.ts';
import type { ParameterSet } from '../nn/parameters.ts';
import { tensor, type HostTensor } from '../runtime/hostTensor.ts';
import { trainingPorts, type TrainingProgram } from '../ttfnet/programs.ts';

interface Average {
  name: string;
  running: Float32Array;
  batch: Float32Array;
  port: string;
  /** What the batch's value is multiplied by: torch keeps the variance that is divided by one less than the count. */
  factor: number;
  /** What the running value is multiplied by. */
  keep: number;
}

/** The running statistics of a network under training; they lie in its parameters' own arrays. */
export class RunningStatistics {
  readonly #averages: Average[];

  constructor(statistics: TrainingProgram['statistics'], parameters: ParameterSet) {
    const byName = new Map(parameters.list().map((p) => [p.name, p.data]));
    this.#averages = statistics.flatMap(({ name, count }) => {
      const of = (part: string, port: string, factor: number, keep: number): Average => {
        const running = byName.get(`${name}.${part}`)!;
        return { name: `${name}.${part}`, running, batch: new Float32Array(running.length), port, factor, keep };
      };
      return [
        of('running_mean', trainingPorts.mean(name), 1, 1), // the graph gives the difference from the running mean
        of('running_var', trainingPorts.variance(name), count / Math.max(1, count - 1), 1 - normMomentum),
      ];
    });
  }

  /** Running means that the graph subtracts; the arrays themselves, so a step always feeds the newest. */
  feeds(): Record<string, HostTensor> {
    const means = this.#averages.filter(({ name }) => name.endsWith('.running_mean'));
    return Object.fromEntries(means.map(({ name, running }) => [name, tensor('float32', running, [running.length])]));
  }

  /** Where the graph's outputs go. */
  fetches(): Record<string, HostTensor> {
    return Object.fromEntries(
      this.#averages.map(({ port, batch }) => [port, tensor('float32', batch, [batch.length])]),
    );
  }

  /** Takes over the last step's statistics. */
  update(): void {
    for (const { running, batch, factor, keep } of this.#averages)
      for (let c = 0; c < running.length; c++) running[c] = running[c]! * keep + batch[c]! * factor * normMomentum;
  }
}
