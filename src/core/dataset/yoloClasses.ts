// Which class list holds for which label files: the data.yaml that describes them, else the list that lies nearest; who disagrees is said.
import path from 'node:path';
import { said } from '../../shared/said.ts';
import { ClassList, fitNames } from './classNames.ts';
import { isInside } from './folderFiles.ts';
import type { Report } from './report.ts';
import type { NamesById, YoloSource } from './yoloConfig.ts';

/** Class ids of label files as the dataset's own. */
export class YoloClasses {
  /** The sources that hold for some label file, in the order of their paths. */
  readonly used: readonly YoloSource[];
  readonly #list: ClassList;
  readonly #byFolder = new Map<string, YoloSource>();
  readonly #ids = new Map<YoloSource, (number | undefined)[]>();
  readonly #told = new Set<YoloSource>();

  /** @param folder the dataset's folder, for messages */
  constructor(sources: readonly YoloSource[], labelFiles: Iterable<string>, folder: string, report: Report) {
    for (const at of new Set([...labelFiles].map((file) => path.dirname(file)))) {
      const [best, ...others] = ranked(sources, at);
      if (!best) continue;
      this.#byFolder.set(at, best);
      for (const other of others.filter(({ names }) => disagree(names, best.names))) this.#tell(other, best, report);
    }
    const chosen = new Set(this.#byFolder.values());
    this.used = sources.filter((source) => chosen.has(source));
    this.#list = new ClassList(folder);
    for (const source of this.used) this.#ids.set(source, this.#idsOf(source, report));
    this.#tellFolders(report);
  }

  /** Says that folders have lists of their own that disagree. */
  #tellFolders(report: Report): void {
    const [first, ...others] = this.used;
    for (const other of others)
      if (disagree(other.names, first!.names) && !this.#told.has(other) && !this.#told.has(first!))
        report.lose(other.file, 'conflict', said('loss.yoloFolderNames', { other: report.nameOf(first!.file) }));
  }

  /** Names of all lists that hold for some label file. */
  get names(): string[] {
    return this.#list.names;
  }

  /** What holds for a label file; undefined when nothing names classes. */
  sourceOf(labelFile: string): YoloSource | undefined {
    return this.#byFolder.get(path.dirname(labelFile));
  }

  /** The dataset's id for a class of a source; undefined when it has no such class. */
  idOf(source: YoloSource, id: number): number | undefined {
    return this.#ids.get(source)![id];
  }

  #idsOf({ file, names }: YoloSource, report: Report): (number | undefined)[] {
    const ids: (number | undefined)[] = [];
    const given = names.flatMap((name, id) => (name === undefined ? [] : [{ name, id }]));
    const fitted = fitNames(
      given.map(({ name }) => name),
      (name) => name,
      report,
      file,
    );
    given.forEach(({ id }, i) => (ids[id] = this.#list.idOf(fitted[i]!)));
    return ids;
  }

  #tell(other: YoloSource, best: YoloSource, report: Report): void {
    if (this.#told.has(other)) return;
    this.#told.add(other);
    report.lose(other.file, 'conflict', said('loss.yoloOtherNames', { chosen: report.nameOf(best.file) }));
  }
}

/**
 * The sources for the label files of a folder, the best first. A list that lies above them holds before one that lies elsewhere; then a
 * data.yaml whose images are here, then plain lists, then a data.yaml of images elsewhere; then the nearest; then the usual name.
 */
function ranked(sources: readonly YoloSource[], folder: string): YoloSource[] {
  const above = sources.filter(({ file }) => isAbove(path.dirname(file), folder));
  const depth = ({ file }: YoloSource) => path.dirname(file).split(path.sep).length;
  const isUsual = ({ file }: YoloSource) => /^(data|dataset|classes)\.\w+$/i.test(path.basename(file));
  const kind = ({ isYaml, fit }: YoloSource) => (isYaml ? [0, 2, 3][fit]! : 1);
  return [...(above.length > 0 ? above : sources)].sort(
    (a, b) => kind(b) - kind(a) || depth(b) - depth(a) || Number(isUsual(b)) - Number(isUsual(a)),
  );
}

const isAbove = (outer: string, folder: string): boolean => outer === folder || isInside(outer, folder);

/** Whether two lists call one id by two names. A list that merely goes on behind the other's end agrees with it. */
function disagree(some: NamesById, others: NamesById): boolean {
  return some.some((name, id) => name !== undefined && others[id] !== undefined && others[id] !== name);
}
