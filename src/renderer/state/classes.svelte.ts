// The classes of a project: their colours, counts and hotkeys, and the changes a person makes of them.
import { byId } from './plain.ts';
import type { LabelClass, StudioClient } from '../../shared/contract/index.ts';

/** Classes in their order. */
export class Classes {
  readonly #client: StudioClient;
  readonly #project: string;
  #list = $state.raw<LabelClass[]>([]);
  readonly #byId = $derived(byId(this.#list));

  constructor(client: StudioClient, project: string) {
    this.#client = client;
    this.#project = project;
  }

  get list(): readonly LabelClass[] {
    return this.#list;
  }
  byId(id: string | null): LabelClass | undefined {
    return id === null ? undefined : this.#byId.get(id);
  }
  byHotkey(key: string): LabelClass | undefined {
    return this.#list.find((c) => c.hotkey === key);
  }
  byName(name: string): LabelClass | undefined {
    return this.#list.find((c) => c.name === name);
  }

  async reload(): Promise<void> {
    this.#list = await this.#client.labels.classes({ project: this.#project });
  }
  async add(name: string): Promise<LabelClass> {
    const made = await this.#client.labels.addClass({ project: this.#project, name });
    await this.reload();
    return made;
  }
  async update(classId: string, change: { name?: string; color?: string; hotkey?: string | null }): Promise<void> {
    await this.#client.labels.updateClass({ project: this.#project, classId, ...change });
    await this.reload();
  }
  async move(classId: string, step: 1 | -1): Promise<void> {
    const ids = this.#list.map((c) => c.id);
    const at = ids.indexOf(classId);
    const to = at + step;
    if (at < 0 || to < 0 || to >= ids.length) return;
    [ids[at], ids[to]] = [ids[to]!, ids[at]!];
    await this.#client.labels.orderClasses({ project: this.#project, classes: ids });
    await this.reload();
  }
  async merge(from: string, into: string): Promise<void> {
    await this.#client.labels.mergeClasses({ project: this.#project, from: [from], into });
    await this.reload();
  }
  async remove(classId: string): Promise<void> {
    await this.#client.labels.deleteClass({ project: this.#project, classId });
    await this.reload();
  }
}
