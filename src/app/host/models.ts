// The models of an open project: the base network, its runs, imported files; which of them suggests; names and notes.
import { copyFile, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../../core/files/makeFolder.ts';
import { baseModelName, checkpointFiles } from '../../core/model/openModel.ts';
import { sideFolder } from '../../core/store/location.ts';
import { ownPath } from '../../core/store/ownFiles.ts';
import type { Run } from '../../core/store/runs.ts';
import type { ModelInfo } from '../../shared/contract/index.ts';
import { fromFileError, saying } from '../../shared/errors.ts';
import type { Workers } from '../worker/workers.ts';
import { JsonFile } from './jsonFile.ts';
import type { OpenProject } from './openProject.ts';
import { metricsOf } from './runRecord.ts';

const stateSchema = z.object({
  current: z.string(),
  imports: z.array(
    z.object({ id: z.string(), file: z.string(), name: z.string(), note: z.string(), createdAt: z.number() }),
  ),
});
type State = z.infer<typeof stateSchema>;

/** Id of the base network in lists. */
export const baseId = 'base';
const runPrefix = 'run-';

const gone = (model: string) => saying('model-invalid', 'model.gone', { model });

/** Model id of a run. */
export const runModelId = (run: Pick<Run, 'uid'>) => runPrefix + run.uid;

/** Models of one project. */
export class Models {
  readonly #open: OpenProject;
  readonly #workers: Workers;
  readonly #state: JsonFile<State>;

  private constructor(open: OpenProject, workers: Workers, state: JsonFile<State>) {
    this.#open = open;
    this.#workers = workers;
    this.#state = state;
  }

  static async of(open: OpenProject, workers: Workers): Promise<Models> {
    const file = path.join(sideFolder(open.store.file), 'models.json');
    return new Models(open, workers, await JsonFile.open(file, stateSchema, { current: baseId, imports: [] }));
  }

  /** What `openModel` takes for a model id. Error: `model-invalid` for one that is gone. */
  reference(id: string): string {
    if (id === baseId) return baseModelName;
    const run = this.#run(id);
    if (run?.folder === null) throw saying('not-allowed', 'run.outside', { name: run.name, folder: run.named });
    if (run) return run.folder;
    const imported = this.#state.value.imports.find((entry) => entry.id === id);
    const file = imported && this.#file(imported);
    if (file) return file;
    throw imported ? saying('not-allowed', 'model.outside', { name: imported.name, file: imported.file }) : gone(id);
  }

  /** The model that suggests; the base when the chosen one is gone. */
  get current(): string {
    const { current } = this.#state.value;
    const known =
      current === baseId || this.#run(current) || this.#state.value.imports.some(({ id }) => id === current);
    return known ? current : baseId;
  }

  async setCurrent(id: string): Promise<void> {
    this.reference(id);
    await this.#state.set({ ...this.#state.value, current: id });
    this.#open.changed('models');
  }

  /** Base first, then runs and imports, newest first. Models whose files can't be read are left out. */
  async list(): Promise<ModelInfo[]> {
    const runs = this.#open.store.runs().map((run) => this.#runInfo(run));
    const imports = this.#state.value.imports.map((entry) => this.#importInfo(entry));
    const others = (await Promise.all([...runs, ...imports])).filter((info) => info !== null);
    return [await this.#baseInfo(), ...others.sort((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0))];
  }

  /** Error: `model-invalid`. */
  async info(id: string): Promise<ModelInfo> {
    const found = (await this.list()).find((info) => info.id === id);
    if (found) return found;
    throw gone(id);
  }

  /** Copies a model file into the project, after opening it. Errors: `model-invalid`, `model-version`, file errors. */
  async import(file: string): Promise<ModelInfo> {
    const extension = path.extname(file).toLowerCase();
    await this.#workers.vision.call('describe', { model: file });
    const id = `import-${randomUUID()}`;
    const name = `${id}${extension}`;
    try {
      await makeFolder(this.#folder);
      await copyFile(file, path.join(this.#folder, name));
    } catch (error) {
      throw fromFileError(error, path.join(this.#folder, name));
    }
    const entry = { id, file: name, name: path.basename(file, extension), note: '', createdAt: Date.now() };
    await this.#state.set({ ...this.#state.value, imports: [...this.#state.value.imports, entry] });
    this.#open.changed('models');
    return this.info(id);
  }

  async update(id: string, change: { name?: string; note?: string }): Promise<ModelInfo> {
    const run = this.#run(id);
    if (id === baseId) throw saying('argument-invalid', 'model.baseName', {});
    if (run) this.#open.store.updateRun(run.id, change);
    const imports = this.#state.value.imports.map((entry) => (entry.id === id ? { ...entry, ...change } : entry));
    await this.#state.set({ ...this.#state.value, imports });
    this.#open.changed(run ? 'runs' : 'models');
    return this.info(id);
  }

  /** Deletes an import, or a run's weights; files that aren't the project's own stay. */
  async delete(id: string): Promise<void> {
    if (id === baseId) throw saying('argument-invalid', 'model.baseStays', {});
    const run = this.#run(id);
    const imported = this.#state.value.imports.find((entry) => entry.id === id);
    if (!run && !imported) throw gone(id);
    const file = imported ? this.#file(imported) : run?.folder && path.join(run.folder, 'checkpoints');
    if (file) await rm(file, { recursive: run !== undefined, force: true });
    const imports = this.#state.value.imports.filter((entry) => entry !== imported);
    await this.#state.set({ current: this.current === id ? baseId : this.current, imports });
    this.#open.changed('models');
  }

  #run(id: string): Run | undefined {
    if (!id.startsWith(runPrefix)) return undefined;
    return this.#open.store.runs().find((run) => runModelId(run) === id);
  }

  get #folder(): string {
    return path.join(sideFolder(this.#open.store.file), 'models');
  }

  /** Where an import's file is; null when the list, which may be anybody's, names one elsewhere. */
  #file({ file }: State['imports'][number]): string | null {
    return path.basename(file) === file ? ownPath(this.#open.store.file, `models/${file}`) : null;
  }

  async #baseInfo(): Promise<ModelInfo> {
    const { classes, inputSize } = await this.#workers.vision.call('describe', { model: baseModelName });
    const name = 'COCO MobileNetV3';
    return { id: baseId, name, kind: 'base', classes, inputSize, ap: null, createdAt: null, note: '', run: null };
  }

  async #runInfo(run: Run): Promise<ModelInfo | null> {
    if (run.folder === null || !(await hasWeights(run.folder))) return null;
    const { classes, inputSize, bestAp } = metricsOf(run);
    const { name, note, started } = run;
    const id = runModelId(run);
    return { id, name, kind: 'run', classes, inputSize, ap: bestAp, createdAt: started, note, run: String(run.id) };
  }

  async #importInfo(entry: State['imports'][number]): Promise<ModelInfo | null> {
    const { id, name, note, createdAt } = entry;
    const file = this.#file(entry);
    if (file === null) return null;
    const described = await this.#workers.vision.call('describe', { model: file }).catch(() => null);
    return described && { id, name, kind: 'import', ...described, ap: null, createdAt, note, run: null };
  }
}

/** True when a run has weights to work with. */
export async function hasWeights(folder: string): Promise<boolean> {
  for (const file of Object.values(checkpointFiles))
    if (
      await stat(path.join(folder, file)).then(
        () => true,
        () => false,
      )
    )
      return true;
  return false;
}
