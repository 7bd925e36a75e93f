// A project as the rest of the program sees it: one object over the domain modules of this room.
import path from 'node:path';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { StudioError } from '../../shared/errors.ts';
import type { Dataset, LabelledImage } from '../../shared/labels.ts';
import type { SplitShares } from '../../shared/splits.ts';
import { inEnglish, said, type Said } from '../../shared/said.ts';
import { listBackups, makeBackup, pruneBackups } from './backups.ts';
import type { Backup } from './backups.ts';
import * as classes from './classes.ts';
import type { Driver } from './driver.ts';
import * as duplicates from './duplicates.ts';
import * as edits from './edits.ts';
import { Finder } from './find.ts';
import type { ImageFilter } from './find.ts';
import * as history from './history.ts';
import * as images from './images.ts';
import { viewLabels } from './labelView.ts';
import { backupFolder, thumbnailFile } from './location.ts';
import * as merge from './merge.ts';
import { readMeta, writeMeta } from './meta.ts';
import { createFile } from './createFile.ts';
import { checkIntegrity } from './examine.ts';
import { checkAllText } from './soundText.ts';
import { openFile, openForReading } from './open.ts';
import type { Opened } from './open.ts';
import { lastSeq } from './record.ts';
import * as runs from './runs.ts';
import { scan } from './scan.ts';
import type { ScanOptions, ScanResult } from './scan.ts';
import { statistics } from './statistics.ts';
import * as suggestions from './suggestions.ts';
import { ThumbnailCache } from './thumbnails.ts';
import * as exporting from './exportLabels.ts';
import * as importing from './importLabels.ts';
import type { Actor, FactsOf } from './types.ts';

/** How a project is opened. */
export interface ProjectOptions {
  /** The program's own folder: where projects of read-only image folders go. */
  dataFolder?: string;
  /** Minutes between automatic backups while there are edits; 0 for none. Default 10. */
  backupMinutes?: number;
  /** Only to read: takes no lock and writes nothing, so that it works beside a window and is in nobody's way. */
  readOnly?: boolean;
}

type Rest<F> = F extends (db: Driver, ...rest: infer R) => unknown ? R : never;

/** An open project. Every method that changes something has it on disk when it returns. Close it when done. */
export class Project {
  readonly file: string;
  /** Absolute folder that image paths are relative to. */
  readonly root: string;
  /** Null when edits are possible; else why not, as a sentence. */
  readonly readOnlyReason: string | null;
  /** The same by key. */
  readonly readOnlySaid: Said | null;
  /** Things about this opening that the person must know, as sentences. */
  readonly notices: readonly string[];
  /** The same by key. */
  readonly noticesSaid: readonly Said[];
  /** Who has it open for writing, when that is somebody else. */
  readonly holder: Opened['holder'];
  /** The backup that is shown in place of the damaged file, if so. */
  readonly shownBackup: Backup | null;
  readonly find: Finder;
  readonly #opened: Opened;
  readonly #db: Driver;
  readonly #timer: NodeJS.Timeout | null;
  #thumbnails: ThumbnailCache | null = null;
  #backedUp: number;
  #backup: Promise<Backup> | null = null;
  #closed = false;

  private constructor(opened: Opened, options: ProjectOptions) {
    this.#opened = opened;
    this.#db = opened.db;
    this.file = opened.file;
    this.root = rootOf(opened);
    this.readOnlySaid = opened.db.readOnlyReason;
    this.readOnlyReason = this.readOnlySaid && inEnglish(this.readOnlySaid);
    this.noticesSaid = [...opened.notices, ...outsideRuns(this.runs())];
    this.notices = this.noticesSaid.map(inEnglish);
    this.holder = opened.holder;
    this.shownBackup = opened.backup;
    this.find = new Finder(opened.db);
    this.#backedUp = listBackups(backupFolder(opened.file))[0]?.seq ?? 0;
    const minutes = options.backupMinutes ?? 10;
    this.#timer =
      opened.lock && minutes > 0 ? setInterval(() => void this.#backUpQuietly(), minutes * 60_000).unref() : null;
  }

  /** Makes and opens the project of an images' folder. @throws StudioError argument-invalid when there is one already */
  static create(imagesFolder: string, options: ProjectOptions & { name?: string } = {}): Project {
    const name = options.name ?? path.basename(path.resolve(imagesFolder));
    createFile(imagesFolder, name, options.dataFolder);
    return Project.open(imagesFolder, options);
  }

  /** Opens the project of a folder, or a project file; look at {@link readOnlyReason} and {@link notices} afterwards. */
  static open(target: string, options: ProjectOptions = {}): Project {
    const open = options.readOnly ? openForReading : openFile;
    return new Project(open(target, options.dataFolder), options);
  }

  /** The same in every copy of the project. */
  get id(): string {
    return readMeta(this.#db, 'id') ?? '';
  }

  get name(): string {
    return readMeta(this.#db, 'name') ?? '';
  }

  rename(name: string): void {
    this.#db.write((w) => writeMeta(w, 'name', name));
  }

  /** Number of the newest change set: the labels as they are now, for a run or an export to refer to. */
  get snapshot(): number {
    return lastSeq(this.#db);
  }

  /** Grows with every saved change of this object's, labels or not. */
  get revision(): number {
    return this.#db.version;
  }

  // Images
  counts = (): images.ProjectCounts => images.countImages(this.#db);
  images = (ids: readonly number[]): images.ImageRow[] => images.imagesById(this.#db, ids);
  imageByPath = (file: string): images.ImageRow | null => images.imageByPath(this.#db, file);
  boxes = (image: number): images.LabelledBox[] => images.boxesOf(this.#db, image);
  addImages = (list: readonly images.NewImage[]): number => images.addImages(this.#db, list);
  setFacts = (...args: Rest<typeof images.setFacts>): void => images.setFacts(this.#db, ...args);
  unreadImages = (limit: number): { id: number; path: string }[] => images.unreadImages(this.#db, limit);
  setUncertainty = (...args: Rest<typeof images.setUncertainty>): void => images.setUncertainty(this.#db, ...args);
  get shares(): SplitShares {
    return images.sharesOf(this.#db);
  }
  assignSplits = (shares: SplitShares): void => images.assignSplits(this.#db, shares);
  scan = (facts: FactsOf, options: ScanOptions = {}): Promise<ScanResult> => scan(this.#db, this.root, facts, options);

  // Labels
  edit = (...args: Rest<typeof edits.editImages>): number => edits.editImages(this.#db, ...args);
  suggest = (...args: Rest<typeof suggestions.putSuggestions>): suggestions.SuggestResult =>
    suggestions.putSuggestions(this.#db, ...args);
  accept = (...args: Rest<typeof suggestions.acceptSuggestions>): number =>
    suggestions.acceptSuggestions(this.#db, ...args);
  reject = (...args: Rest<typeof suggestions.rejectSuggestions>): number =>
    suggestions.rejectSuggestions(this.#db, ...args);

  // Classes
  classes = (): classes.LabelClass[] => classes.listClasses(this.#db);
  addClasses = (...args: Rest<typeof classes.addClasses>): number[] => classes.addClasses(this.#db, ...args);
  updateClass = (...args: Rest<typeof classes.updateClass>): void => classes.updateClass(this.#db, ...args);
  orderClasses = (...args: Rest<typeof classes.orderClasses>): void => classes.orderClasses(this.#db, ...args);
  previewClasses = (ids: readonly number[]): classes.ClassEffect => classes.previewClasses(this.#db, ids);
  mergeClasses = (...args: Rest<typeof classes.mergeClasses>): void => classes.mergeClasses(this.#db, ...args);
  deleteClasses = (...args: Rest<typeof classes.deleteClasses>): void => classes.deleteClasses(this.#db, ...args);

  // History
  undo = (actor: Actor): history.UndoResult | null => history.undo(this.#db, actor);
  redo = (actor: Actor): history.UndoResult | null => history.redo(this.#db, actor);
  undoState = (): { canUndo: boolean; canRedo: boolean } => history.undoState(this.#db);
  history = (query: history.HistoryQuery): history.HistoryEntry[] => history.listHistory(this.#db, query);
  /** Images that a change set touches. */
  imagesOf = (seq: number): number[] => history.touchedImages(this.#db, seq, seq);
  timeline = (image: number): history.TimelineEntry[] => history.timeline(this.#db, image);
  stateAt = (...args: Rest<typeof history.stateAt>): ReturnType<typeof history.stateAt> =>
    history.stateAt(this.#db, ...args);
  restore = (actor: Actor, seq: number): number => history.restore(this.#db, actor, seq);
  restoreImage = (...args: Rest<typeof history.restoreImage>): number => history.restoreImage(this.#db, ...args);
  checkpoint = (actor: Actor, name: string): number => history.makeCheckpoint(this.#db, actor, name);
  checkpoints = (): history.HistoryEntry[] => history.listHistory(this.#db, { action: 'checkpoint', limit: 1_000_000 });

  // Other copies, other formats
  previewMerge = (file: string): ReturnType<typeof merge.previewMerge> => merge.previewMerge(this.#db, file);
  merge = (...args: Rest<typeof merge.mergeCopy>): ReturnType<typeof merge.mergeCopy> =>
    merge.mergeCopy(this.#db, ...args);
  import = (source: importing.ImportSource, options: importing.ImportOptions): Promise<importing.ImportResult> =>
    importing.importDataset(this.#db, this.root, source, options);
  export = (options: exporting.ExportOptions = {}): exporting.ExportSource =>
    exporting.exportDataset(this.#db, this.find, this.root, options);
  labelled = (ids: readonly number[]): LabelledImage[] => exporting.labelledImages(this.#db, ids);
  toDataset = (options: exporting.ExportOptions = {}): Dataset =>
    exporting.toDataset(this.#db, this.find, this.root, options);
  /** The labels as they are now as a dataset that reads them while it is written, until the project is closed. */
  view = (filter?: ImageFilter): Dataset => viewLabels(this.#db, this.find, this.root, filter ? { filter } : {});

  // Looking over the whole
  statistics = (): ReturnType<typeof statistics> => statistics(this.#db);
  exactDuplicates = (): duplicates.DuplicateGroup[] => duplicates.exactDuplicates(this.#db);
  nearDuplicates = (maxBits?: number): duplicates.DuplicateGroup[] => duplicates.nearDuplicates(this.#db, maxBits);

  // Training runs
  runs = (): runs.Run[] => runs.listRuns(this.#db, this.file);
  run = (id: number): runs.Run => runs.getRun(this.#db, this.file, id);
  startRun = (run: { name: string; config: Record<string, unknown> }): runs.Run =>
    runs.startRun(this.#db, this.file, run);
  updateRun = (id: number, change: Parameters<typeof runs.updateRun>[3]): runs.Run =>
    runs.updateRun(this.#db, this.file, id, change);
  deleteRun = (id: number): void => runs.deleteRun(this.#db, id);

  /** The thumbnail cache, opened at first use; a read-only project has one that lasts as long as the machine's temporary files. */
  get thumbnails(): ThumbnailCache {
    this.#thumbnails ??= new ThumbnailCache(this.#thumbnailFile());
    return this.#thumbnails;
  }

  #thumbnailFile(): string {
    if (this.#opened.lock) return thumbnailFile(this.file);
    const key = createHash('sha256').update(`${this.file} ${this.id}`).digest('hex');
    return path.join(tmpdir(), 'ttfnet-studio-thumbnails', `${key.slice(0, 16)}.sqlite`);
  }

  /** Backups on disk, newest first. */
  backups = (): Backup[] => listBackups(backupFolder(this.file));

  /** Makes a backup now, beside going on with edits, and drops those that age has made superfluous. */
  async backUp(now: number = Date.now()): Promise<Backup> {
    this.#db.write(() => undefined); // refuses, with the reason, where nothing may be written
    const folder = backupFolder(this.file);
    const seq = lastSeq(this.#db);
    this.#backup = makeBackup(this.file, folder, seq, now);
    try {
      const backup = await this.#backup;
      this.#backedUp = seq;
      pruneBackups(folder, now);
      return backup;
    } finally {
      this.#backup = null;
    }
  }

  /** The automatic backup must never disturb work: a full disk is met, and told, at the next edit. */
  async #backUpQuietly(): Promise<void> {
    if (this.#backup || lastSeq(this.#db) === this.#backedUp) return;
    await this.backUp().catch(() => undefined);
  }

  /** Reads the whole file. @throws StudioError project-damaged with the first finding */
  check(): void {
    checkIntegrity(this.#db);
    checkAllText(this.#db);
  }

  /** Ends the session: the project file is whole without its log afterwards, and may be copied. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#timer) clearInterval(this.#timer);
    await this.#backup?.catch(() => undefined);
    this.#thumbnails?.close();
    try {
      if (this.#opened.lock) this.#endSession();
    } finally {
      this.#db.close();
      this.#opened.lock?.release();
      this.#opened.copy?.remove();
    }
  }

  #endSession(): void {
    this.#db.write((w) => writeMeta(w, 'session', 'closed'));
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    // Without the log mode, a project at rest is one file, also for a read-only disk. Someone who is reading it keeps the mode.
    this.#db.exec('PRAGMA busy_timeout = 0');
    try {
      this.#db.exec('PRAGMA journal_mode = DELETE');
    } catch (error) {
      if (!(error instanceof StudioError) || error.code !== 'project-locked') throw error;
    }
  }
}

/** The images' folder: where it is seen from the project file, or, when the file lies elsewhere, where it was. */
function rootOf({ db, file }: Opened): string {
  const relative = path.resolve(path.dirname(file), readMeta(db, 'root-relative') ?? '.');
  const absolute = readMeta(db, 'root-absolute') ?? relative;
  return existsSync(relative) ? relative : absolute;
}

/** Says which runs name folders that aren't the project's own. */
function outsideRuns(all: readonly runs.Run[]): Said[] {
  const outside = all.filter(({ folder }) => folder === null);
  if (outside.length === 0) return [];
  const [{ name, named }] = outside as [runs.Run];
  return [said('project.outsideRuns', { count: outside.length, name, folder: named })];
}
