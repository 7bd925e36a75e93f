// Evaluations as the Evaluate view shows them: kept reports, the one looked at, and its mistakes at a threshold.
import type {
  Confusion,
  EvaluationError,
  EvaluationHead,
  EvaluationReport,
  ImageItem,
  LabelMistake,
  StudioClient,
} from '../../shared/contract/index.ts';
import { plainMap, plainSet } from './plain.ts';
import { Work } from './work.svelte.ts';

/** Which mistakes are listed: the model's of a kind, class or cell of the confusion, or labels that may be wrong themselves. */
export interface MistakeFilter {
  kind: EvaluationError['kind'] | 'labels' | 'all';
  classId: number | null;
  cell: { labelled: number; predicted: number } | null;
}

/** One mistake, with its image when that is still in the project. */
export interface ShownMistake {
  mistake: EvaluationError | LabelMistake;
  image: ImageItem | null;
}

const pageSize = 24;
const everything: MistakeFilter = { kind: 'all', classId: null, cell: null };

/** The evaluations of a project. */
export class Evaluation {
  readonly #client: StudioClient;
  readonly #project: string;
  readonly #fail: (error: unknown) => void;
  readonly work = new Work();
  #list = $state.raw<EvaluationHead[] | null>(null);
  #report = $state.raw<EvaluationReport | null>(null);
  #confusion = $state.raw<Confusion | null>(null);
  #mistakes = $state.raw<ShownMistake[]>([]);
  #total = $state(0);
  #score = $state(0.3);
  #filter = $state.raw<MistakeFilter>(everything);
  #token = 0;

  constructor(client: StudioClient, project: string, fail: (error: unknown) => void) {
    this.#client = client;
    this.#project = project;
    this.#fail = fail;
  }

  /** Newest first; null until they are there. */
  get list(): EvaluationHead[] | null {
    return this.#list;
  }
  /** The report that is looked at. */
  get report(): EvaluationReport | null {
    return this.#report;
  }
  get confusion(): Confusion | null {
    return this.#confusion;
  }
  get mistakes(): readonly ShownMistake[] {
    return this.#mistakes;
  }
  /** How many mistakes the filter leaves. */
  get total(): number {
    return this.#total;
  }
  /** Score from which detections count. */
  get score(): number {
    return this.#score;
  }
  get filter(): MistakeFilter {
    return this.#filter;
  }

  async reload(): Promise<void> {
    this.#list = await this.#client.evaluate.list({ project: this.#project });
  }

  /** Runs a model over the labelled images of a part (null: all of them) and looks at the report. */
  async run(title: string, model: string, split: EvaluationHead['split']): Promise<void> {
    const report = await this.work.run(title, (signal) =>
      this.#client.evaluate.run({ project: this.#project, model, split }, { signal }),
    );
    await this.reload();
    this.#look(report);
  }

  async open(evaluation: string): Promise<void> {
    this.#look(await this.#client.evaluate.get({ project: this.#project, evaluation }));
  }

  /** Looks at no report. */
  close(): void {
    this.#token++;
    this.#report = null;
    this.#confusion = null;
    this.#mistakes = [];
    this.#total = 0;
    this.#filter = everything;
  }

  async remove(evaluation: string): Promise<void> {
    if (this.#report?.id === evaluation) this.close();
    await this.#client.evaluate.delete({ project: this.#project, evaluation });
    await this.reload();
  }

  /** Lets detections count from another score on. */
  setScore(score: number): void {
    this.#score = score;
    this.#reread();
  }

  show(change: Partial<MistakeFilter>): void {
    this.#filter = { ...this.#filter, ...change };
    this.#reread();
  }

  /** Reads the next page of mistakes. */
  async more(): Promise<void> {
    await this.#page(this.#token, this.#mistakes);
  }

  #look(report: EvaluationReport): void {
    this.close();
    this.#report = report;
    this.#score = report.curves[0]?.best?.score ?? 0.3;
    this.#reread();
  }

  #reread(): void {
    const token = ++this.#token;
    const { report } = this;
    if (!report) return;
    void this.#page(token, []).catch(this.#fail);
    const ref = { project: this.#project, evaluation: report.id };
    void this.#client.evaluate
      .confusion({ ...ref, score: this.#score })
      .then((confusion) => {
        if (token === this.#token) this.#confusion = confusion;
      })
      .catch(this.#fail);
  }

  async #page(token: number, before: readonly ShownMistake[]): Promise<void> {
    const { report } = this;
    if (!report) return;
    const place = { project: this.#project, evaluation: report.id, offset: before.length, limit: pageSize };
    const { total, items } = await this.#ask(place);
    const ids = [...plainSet(items.flatMap((m) => (m.image === null ? [] : [m.image])))];
    const images = ids.length > 0 ? await this.#client.images.get({ project: this.#project, images: ids }) : [];
    if (token !== this.#token) return;
    const byId = plainMap(images.map((image) => [image.id, image]));
    this.#total = total;
    this.#mistakes = [
      ...before,
      ...items.map((mistake) => ({ mistake, image: byId.get(mistake.image ?? '') ?? null })),
    ];
  }

  #ask(place: { project: string; evaluation: string; offset: number; limit: number }) {
    const { kind, classId, cell } = this.#filter;
    if (kind === 'labels') return this.#client.evaluate.labelMistakes(place);
    return this.#client.evaluate.errors({
      ...place,
      score: this.#score,
      ...(kind === 'all' ? {} : { kind }),
      ...(classId === null ? {} : { classId }),
      ...cell,
    });
  }
}
