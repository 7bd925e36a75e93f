// Handlers of the contract's system: settings, dialogs, the in-app folder browser, menu.
import { existsSync } from 'node:fs';
import { mkdir, opendir, stat } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import { baseModelName } from '../../core/model/openModel.ts';
import { telemetryTold } from '../../core/runtime/telemetry.ts';
import { fromFileError, saying, StudioError } from '../../shared/errors.ts';
import type { FolderEntry } from '../../shared/contract/system.ts';
import { isImageName } from '../../shared/imageFiles.ts';
import type { DomainHandlers } from '../host/call.ts';
import type { Services } from '../host/services.ts';

type System = DomainHandlers<'system'>;

/** Binds `system.*`. */
export function systemHandlers(services: Services): System {
  return {
    ...settingsHandlers(services),
    ...folderHandlers(services),
    ...shellHandlers(services),
    ...machineHandlers(services),
  };
}

function settingsHandlers({
  remembered,
  events,
  workers,
}: Services): Pick<System, 'settings' | 'updateSettings' | 'events'> {
  return {
    settings: () => remembered.settings,
    updateSettings: async (change) => {
      const { threads } = remembered.settings;
      const settings = await remembered.changeSettings(change);
      if (settings.threads !== threads) workers.renew();
      events.tell({ type: 'settings', settings });
      return settings;
    },
    events: (_input, { connection, signal }) => events.read(connection, signal),
  };
}

const mostEntries = 5000;

function folderHandlers(services: Services): Pick<System, 'listFolder' | 'makeFolder'> {
  const { access, shell } = services.options;
  return {
    listFolder: async ({ path: asked }) => {
      if (shell.kind === 'desktop') throw unavailable('The in-app folder browser', 'Use the system dialog.');
      if (asked === null)
        return { path: null, parent: null, entries: access.roots.map((root) => entryOf(services, root)), more: false };
      const folder = await access.existing(asked);
      const isRoot = access.roots.some((root) => path.resolve(root) === folder);
      return { path: folder, parent: isRoot ? null : path.dirname(folder), ...(await entriesOf(services, folder)) };
    },
    makeFolder: async ({ parent, name }) => {
      if (name !== path.basename(name) || name === '.' || name === '..')
        throw saying('argument-invalid', 'folder.name', { name });
      const folder = path.join(await access.existing(parent), name);
      await mkdir(folder).catch((error: unknown) => {
        throw fromFileError(error, folder);
      });
      return { path: folder };
    },
  };
}

const entryOf = ({ projects }: Services, folder: string): FolderEntry => ({
  name: folder,
  path: folder,
  kind: 'folder',
  isProject: existsSync(folder) && projects.isProject(folder),
});

async function entriesOf({ projects }: Services, folder: string): Promise<{ entries: FolderEntry[]; more: boolean }> {
  const entries: FolderEntry[] = [];
  try {
    for await (const entry of await opendir(folder)) {
      if (entry.name.startsWith('.')) continue;
      if (entries.length === mostEntries) return { entries: sorted(entries), more: true };
      const full = path.join(folder, entry.name);
      const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await isDirectory(full)));
      const kind = isFolder ? 'folder' : isImageName(entry.name) ? 'image' : 'file';
      entries.push({ name: entry.name, path: full, kind, isProject: isFolder && projects.isProject(full) });
    }
  } catch (error) {
    throw fromFileError(error, folder);
  }
  return { entries: sorted(entries), more: false };
}

const isDirectory = async (file: string) => (await stat(file).catch(() => null))?.isDirectory() ?? false;

function sorted(entries: FolderEntry[]): FolderEntry[] {
  const order = new Intl.Collator(undefined, { numeric: true });
  return entries.sort(
    (a, b) => Number(b.kind === 'folder') - Number(a.kind === 'folder') || order.compare(a.name, b.name),
  );
}

const unavailable = (what: string, remedy: string) =>
  new StudioError('provider-unavailable', `${what} is not available here. ${remedy}`);

function shellHandlers({ options }: Services): Pick<System, 'pick' | 'reveal' | 'newWindow' | 'setMenu'> {
  const { access, shell } = options;
  return {
    pick: async (wanted, { connection }) => {
      if (!shell.pick) throw unavailable('The system dialog', 'Use the folder browser of the page.');
      const paths = await shell.pick(wanted, connection);
      for (const file of paths ?? []) access.grant(file);
      return paths && { paths };
    },
    reveal: async ({ path: file }) => {
      if (!shell.reveal) throw unavailable('The file manager', 'Open the folder on the machine that runs the program.');
      shell.reveal(await access.existing(file));
      return {};
    },
    newWindow: () => {
      if (!shell.newWindow) throw unavailable('A further window', 'Open the same address in another tab.');
      shell.newWindow();
      return {};
    },
    setMenu: ({ menus }, { connection }) => {
      shell.setMenu?.(menus, connection);
      return {};
    },
  };
}

function machineHandlers({ options, workers }: Services): Pick<System, 'info' | 'providers' | 'measure'> {
  const { shell, version } = options;
  const processors = cpus();
  let known: Awaited<ReturnType<System['providers']>> = [];
  return {
    info: () => ({
      version,
      platform: process.platform,
      shell: shell.kind,
      nativeDialogs: shell.pick !== undefined,
      locale: shell.locale,
      cpu: processors[0]?.model.trim() ?? '',
      cores: processors.length,
      providers: known,
      telemetry: telemetryTold(),
    }),
    providers: async () => (known = await workers.vision.call('survey', {})),
    measure: async (_input, { signal }) => {
      const measured = await workers.vision.call('measure', { model: baseModelName }, { signal });
      return { ...measured, imagesPerSecond: 1000 / measured.milliseconds };
    },
  };
}
