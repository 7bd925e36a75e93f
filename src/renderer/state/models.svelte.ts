// The models of a project and which of them makes the suggestions.
import type { ModelInfo, StudioClient } from '../../shared/contract/index.ts';

/** Base, runs and imports in one list. */
export class Models {
  readonly #client: StudioClient;
  readonly #project: string;
  #list = $state.raw<ModelInfo[]>([]);
  #currentId = $state<string | null>(null);
  #loaded = $state(false);

  constructor(client: StudioClient, project: string) {
    this.#client = client;
    this.#project = project;
  }

  get list(): readonly ModelInfo[] {
    return this.#list;
  }
  get loaded(): boolean {
    return this.#loaded;
  }
  /** Id of the model that suggests. */
  get currentId(): string | null {
    return this.#currentId;
  }
  get current(): ModelInfo | undefined {
    return this.byId(this.#currentId);
  }
  byId(id: string | null): ModelInfo | undefined {
    return this.#list.find((m) => m.id === id);
  }

  async reload(): Promise<void> {
    const [list, current] = await Promise.all([
      this.#client.models.list({ project: this.#project }),
      this.#client.models.current({ project: this.#project }),
    ]);
    this.#list = list;
    this.#currentId = current.model;
    this.#loaded = true;
  }
  async use(model: string): Promise<void> {
    await this.#client.models.setCurrent({ project: this.#project, model });
    this.#currentId = model;
  }
  async rename(model: string, name: string): Promise<void> {
    await this.#client.models.update({ project: this.#project, model, name });
    await this.reload();
  }
  async remove(model: string): Promise<void> {
    await this.#client.models.delete({ project: this.#project, model });
    await this.reload();
  }
  async importFile(file: string): Promise<ModelInfo> {
    const made = await this.#client.models.import({ project: this.#project, file });
    await this.reload();
    return made;
  }
}
