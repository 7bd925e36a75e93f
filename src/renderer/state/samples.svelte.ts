// Augmented training samples as the Train view shows them: the last ones stay until the new ones are there.
import type { AugmentedSample, StudioClient } from '../../shared/contract/index.ts';
import { Work } from './work.svelte.ts';

type Query = Omit<Parameters<StudioClient['training']['samples']>[0], 'project'>;

/** Samples of one project. */
export class Samples {
  readonly #client: StudioClient;
  readonly #project: string;
  readonly work = new Work();
  #list = $state.raw<AugmentedSample[] | null>(null);

  constructor(client: StudioClient, project: string) {
    this.#client = client;
    this.#project = project;
  }

  /** Null until the first ones are there. */
  get list(): readonly AugmentedSample[] | null {
    return this.#list;
  }

  /** Asks for samples; those asked for before and not made yet are dropped. Throws `cancelled` then. */
  async make(title: string, query: Query): Promise<void> {
    this.#list = await this.work.run(title, (signal) =>
      this.#client.training.samples({ project: this.#project, ...query }, { signal }),
    );
  }
}
