// The window's state: connection, settings, which view is shown, the open project, messages and dialogs.
import type { Connection, ConnectionStatus } from '../../shared/client/connection.ts';
import type { FolderReport, RecentProject, Settings, SystemEvent, SystemInfo } from '../../shared/contract/index.ts';
import { i18n, t, told } from '../i18n/i18n.svelte.ts';
import type { CommandId } from '../keys/commands.ts';
import { chordTable } from '../keys/keymap.ts';
import { Project } from './project.svelte.ts';
import { Toasts } from './toasts.svelte.ts';
import { Work } from './work.svelte.ts';

/** The views of the window. */
export type ViewName = 'home' | 'label' | 'train' | 'evaluate' | 'detect' | 'models' | 'settings';

/** What a folder choice is for. */
export interface PickRequest {
  kind: 'folder' | 'files' | 'save';
  title: string;
  extensions?: string[];
  suggestedName?: string;
}

interface PendingPick extends PickRequest {
  answer: (paths: string[] | null) => void;
}

/** What Label does with keys. */
export interface LabelKeys {
  /** False when the command isn't one of Label's. */
  run: (id: CommandId) => boolean;
  /** Takes a key that has to wait for the image being opened; see KeyHost. */
  later: (id: CommandId | null, again: () => void) => boolean;
  /** Boxes are out of sight. */
  hide: (on: boolean) => void;
  /** The key of "reviewed" went down or up: held it pans, tapped it marks. */
  space: (down: boolean) => void;
}

/** Everything this window knows. */
export class App {
  readonly connection: Connection;
  readonly toasts = new Toasts();
  readonly work = new Work();
  #status = $state<ConnectionStatus>('connecting');
  #info = $state.raw<SystemInfo | null>(null);
  #settings = $state.raw<Settings | null>(null);
  #recent = $state.raw<RecentProject[] | null>(null);
  #project = $state.raw<Project | null>(null);
  #view = $state<ViewName>('home');
  #picking = $state.raw<PendingPick | null>(null);
  #report = $state.raw<FolderReport | null>(null);
  readonly #chords = $derived(chordTable(this.#settings?.keys ?? {}));
  /** The key sheet is open. */
  keysOpen = $state(false);
  /** A dialog on the whole project. */
  dialog = $state<'rename' | 'import' | 'export' | 'merge' | 'splits' | 'duplicates' | null>(null);
  /** The Label view while it is shown. */
  label: LabelKeys | null = null;
  /** A menu command from the shell, for the key handler to run. */
  onCommand: (id: string) => void = () => undefined;

  constructor(connection: Connection) {
    this.connection = connection;
    this.#status = connection.status;
    connection.onStatus((status) => this.#connection(status));
  }

  get status(): ConnectionStatus {
    return this.#status;
  }
  get info(): SystemInfo | null {
    return this.#info;
  }
  get settings(): Settings | null {
    return this.#settings;
  }
  /** Null until they are there. */
  get recent(): RecentProject[] | null {
    return this.#recent;
  }
  get project(): Project | null {
    return this.#project;
  }
  get view(): ViewName {
    return this.#view;
  }
  /** Commands by chord, with the person's changes. */
  get chords(): Map<string, CommandId[]> {
    return this.#chords;
  }
  /** A folder choice that waits for the in-app browser. */
  get picking(): PendingPick | null {
    return this.#picking;
  }
  /** A folder that was looked into and may become a project. */
  get report(): FolderReport | null {
    return this.#report;
  }

  /** Reads what the window starts with and follows the shell. */
  async start(): Promise<void> {
    const { client } = this.connection;
    const [info, settings] = await Promise.all([client.system.info(), client.system.settings()]);
    this.#info = info;
    this.#apply(settings);
    this.connection.follow(
      (c, signal) => c.system.events(undefined, { signal }),
      (event) => this.#hear(event),
      this.fail,
    );
    await this.reloadRecent();
  }

  /** Tells the person of a failure. */
  readonly fail = (error: unknown): void => this.toasts.fail(error);

  /** Does something and tells of its failure; undefined when it failed. */
  readonly attempt = async <T>(what: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await what();
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  };

  show(view: ViewName): void {
    if (view !== 'home' && view !== 'settings' && !this.#project) return;
    this.#view = view;
  }

  async set(change: Partial<Settings>): Promise<void> {
    this.#apply(await this.connection.client.system.updateSettings(change));
  }

  async reloadRecent(): Promise<void> {
    this.#recent = await this.connection.client.project.recent();
  }

  async forget(path: string): Promise<void> {
    await this.connection.client.project.forget({ path });
    await this.reloadRecent();
  }

  /** Opens the project of a folder and shows it. */
  async open(path: string): Promise<void> {
    await this.#enter(await this.connection.client.project.open({ path }));
  }

  /** Looks into a folder: an existing project is opened, otherwise a new one is proposed. */
  async consider(path: string): Promise<void> {
    const report = await this.connection.client.project.inspectFolder({ path });
    if (report.isProject) await this.open(path);
    else this.#report = report;
  }

  /** Asks for a folder, and opens or proposes it. */
  async chooseFolder(): Promise<void> {
    const path = (await this.pick({ kind: 'folder', title: t('home.choose') }))?.[0];
    if (path !== undefined) await this.consider(path);
  }

  /** Drops the proposal of a new project. */
  dismiss(): void {
    this.#report = null;
  }

  /** Makes the proposed project. */
  async create(
    name: string,
    classes: string[],
    importFrom: { format: string; path: string } | undefined,
  ): Promise<void> {
    const path = this.#report?.path;
    if (path === undefined) return;
    const input = { path, name, ...(classes.length > 0 ? { classes } : {}), ...(importFrom ? { importFrom } : {}) };
    const { project, imported, passedOver } = await this.work.run(t('home.creating', { name }), (signal) =>
      this.connection.client.project.create(input, { signal }),
    );
    this.#report = null;
    await this.#enter(project);
    this.toasts.passedOver(passedOver);
    if (imported)
      this.toasts.show({
        tone: imported.lossCount > 0 ? 'plain' : 'good',
        title: t('io.imported', { boxes: imported.boxes, images: imported.images }),
        text: imported.lossCount > 0 ? t('io.losses', { n: imported.lossCount }) : undefined,
      });
  }

  async sample(): Promise<void> {
    const { project } = await this.work.run(t('home.sampleMaking'), (signal) =>
      this.connection.client.project.sample(undefined, { signal }),
    );
    await this.#enter(project);
  }

  /** Closes the project and goes home. */
  async leave(): Promise<void> {
    const old = this.#project;
    this.#project = null;
    this.#view = 'home';
    await old?.leave();
    await this.reloadRecent();
  }

  /** Asks the person for paths: by the system's dialog, or the in-app browser where there is none. Null when closed. */
  async pick(request: PickRequest): Promise<string[] | null> {
    if (this.#info?.nativeDialogs) return (await this.connection.client.system.pick(request))?.paths ?? null;
    return new Promise((resolve) => {
      this.#picking = {
        ...request,
        answer: (paths) => {
          this.#picking = null;
          resolve(paths);
        },
      };
    });
  }

  async #enter(info: ConstructorParameters<typeof Project>[0]): Promise<void> {
    if (this.#project?.id !== info.id) {
      await this.#project?.leave();
      const host = { connection: this.connection, personName: () => this.#settings?.personName ?? '', fail: this.fail };
      this.#project = new Project(info, host);
    }
    this.#view = 'label';
    for (const { message, said } of info.notices)
      this.toasts.show({ tone: 'bad', title: info.name, text: told(message, said) });
    await this.#project.load();
  }

  #connection(status: ConnectionStatus): void {
    const back = this.#status === 'lost' && status === 'open';
    this.#status = status;
    if (back && this.#info) void this.attempt(() => this.#return());
  }

  /** After a restart of the host the project's id may be unknown there: it is opened again by its path. */
  async #return(): Promise<void> {
    const project = this.#project;
    if (!project) return this.reloadRecent();
    const again = await this.connection.client.project.open({ path: project.info.path });
    if (again.id === project.id) return project.reread();
    this.#project = null;
    await this.#enter(again);
  }

  #hear(event: SystemEvent): void {
    if (event.type === 'settings') this.#apply(event.settings);
    else if (event.type === 'menu') this.onCommand(event.command);
    else if (event.type === 'worker-restarted')
      this.toasts.show({ tone: 'bad', title: t('app.workerRestarted'), text: told(event.message, event.said) });
    else void this.attempt(() => this.consider(event.paths[0] ?? ''));
  }

  #apply(settings: Settings): void {
    this.#settings = settings;
    i18n.choose(settings.language, this.#info?.locale ?? navigator.language);
    const root = document.documentElement.dataset;
    root.theme = settings.theme;
    root.motion = settings.motion;
    const more = settings.contrast === 'more' || matchMedia('(prefers-contrast: more)').matches;
    root.contrast = more ? 'more' : 'normal';
  }
}
