// Contract: the machine and the shell. Settings, processor and speed, folder choice, menu commands, dropped folders.
import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { hostPath, nothing, saidSentence, toldSentence } from './common.ts';

/** What the person set; kept on this machine, shared by all windows. */
export const settings = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  language: z.enum(['system', 'en', 'zh']),
  /** `system` follows the machine. */
  motion: z.enum(['system', 'reduced', 'full']),
  contrast: z.enum(['system', 'more']),
  /** Zoom and brightness stay as they are from image to image. */
  keepView: z.boolean(),
  /** Remapped keys: command to key, like `{ "label.next": "ArrowRight" }`; commands that aren't here keep their default. */
  keys: z.record(z.string().max(100), z.array(z.string().max(60)).max(8)),
  /** Name written into the history as author. */
  personName: z.string().max(100),
  /** Threads for the model; 0 leaves it to the program. */
  threads: z.number().int().min(0).max(512),
});
/** {@link settings} as a type. */
export type Settings = z.infer<typeof settings>;

/** What a person gets before setting anything. */
export const defaultSettings: Settings = {
  theme: 'system',
  language: 'system',
  motion: 'system',
  contrast: 'system',
  keepView: false,
  keys: {},
  personName: '',
  threads: 0,
};

/** One way to compute, and the reason when it can't be used. */
export const providerInfo = z.object({
  name: z.string(),
  available: z.boolean(),
  reason: z.string(),
  /** The reason by key, where there is one. */
  said: saidSentence.nullable(),
});

/** The program and the machine. */
export const systemInfo = z.object({
  version: z.string(),
  platform: z.string(),
  shell: z.enum(['desktop', 'browser']),
  /** The shell has the system's own dialogs; without them use `listFolder`. */
  nativeDialogs: z.boolean(),
  /** Language of the machine, like `zh-CN`. */
  locale: z.string(),
  cpu: z.string(),
  cores: z.number().int(),
  /** What `providers` has found, in order of preference; empty until it was asked once: trying them takes seconds. */
  providers: z.array(providerInfo),
  /** Whether ONNX Runtime reports to its maker; `system` leaves it to Windows. */
  telemetry: toldSentence.extend({ state: z.enum(['off', 'on', 'system']) }),
});
/** {@link systemInfo} as a type. */
export type SystemInfo = z.infer<typeof systemInfo>;

/** What the shell tells the interface. */
export const systemEvent = z.discriminatedUnion('type', [
  /** A menu item was chosen; `command` is what `setMenu` named it. */
  z.object({ type: z.literal('menu'), command: z.string() }),
  /** Folders or files were dropped on the window, or opened from the system's recent list. */
  z.object({ type: z.literal('dropped'), paths: z.array(hostPath) }),
  z.object({ type: z.literal('settings'), settings }),
  /** A child process died and was started again; `message` says what it cost. */
  z.object({ type: z.literal('worker-restarted'), message: z.string(), said: saidSentence.nullable() }),
]);
/** {@link systemEvent} as a type. */
export type SystemEvent = z.infer<typeof systemEvent>;

/** One entry of the in-app folder browser. */
export const folderEntry = z.object({
  name: z.string(),
  path: hostPath,
  kind: z.enum(['folder', 'image', 'file']),
  /** The folder holds a project. */
  isProject: z.boolean(),
});
/** {@link folderEntry} as a type. */
export type FolderEntry = z.infer<typeof folderEntry>;

/** One menu of the menu bar; an item without a command is a separator. */
export const menu = z.object({
  label: z.string().max(100),
  items: z
    .array(
      z.object({
        command: z.string().max(100).optional(),
        label: z.string().max(200).optional(),
        keys: z.string().max(60).optional(),
        enabled: z.boolean().optional(),
      }),
    )
    .max(60),
});

/** Calls on the machine and the shell. */
export const system = {
  /** Answers at once: the interface waits for it to start. */
  info: oc.output(systemInfo),
  /** Tries which processors can compute here, in order of preference; the first available one is used. */
  providers: oc.output(z.array(providerInfo)),
  settings: oc.output(settings),
  /** Changes some settings and answers all of them; every window hears of it. */
  updateSettings: oc.input(settings.partial()).output(settings),
  /** The system's dialog for a folder or file; `null` when it was closed. `provider-unavailable` in browser mode. */
  pick: oc
    .input(
      z.object({
        kind: z.enum(['folder', 'files', 'save']),
        title: z.string().max(200),
        /** Extensions without dot, for files. */
        extensions: z.array(z.string().max(20)).max(50).optional(),
        suggestedName: z.string().max(255).optional(),
      }),
    )
    .output(z.object({ paths: z.array(hostPath) }).nullable()),
  /** The in-app folder browser of browser mode: folders first. Without a path, the allowed roots. At most 5,000 entries. */
  listFolder: oc.input(z.object({ path: hostPath.nullable() })).output(
    z.object({
      path: hostPath.nullable(),
      /** `null` at a root. */
      parent: hostPath.nullable(),
      entries: z.array(folderEntry),
      more: z.boolean(),
    }),
  ),
  /** Makes a folder inside an allowed one, for exports and new projects. */
  makeFolder: oc
    .input(z.object({ parent: hostPath, name: z.string().min(1).max(255) }))
    .output(z.object({ path: hostPath })),
  /** Shows a file in the system's file manager; `provider-unavailable` in browser mode. */
  reveal: oc.input(z.object({ path: hostPath })).output(nothing),
  /** Another window on the same program; `provider-unavailable` in browser mode (open another tab there). */
  newWindow: oc.output(nothing),
  /**
   * Builds the native menu from the interface's own commands, words and keys, so that it follows language and remapping. Keys are chords
   * such as `Ctrl+Shift+Z` (Ctrl is Command on a Mac), shown beside the item; the interface goes on handling them. Ignored in browser mode.
   */
  setMenu: oc.input(z.object({ menus: z.array(menu).max(12) })).output(nothing),
  /** Measures how many images a second the base model does here, and on which processor. */
  measure: oc.output(
    z.object({
      processor: z.string(),
      /** Why it isn't a faster one. */
      processorReasons: z.array(toldSentence),
      imagesPerSecond: z.number(),
      milliseconds: z.number(),
      /** Threads that computed: the setting, or what the program thinks best here. */
      threads: z.number().int(),
    }),
  ),
  /** Menu commands, dropped folders, changed settings. */
  events: oc.output(eventIterator(systemEvent)),
};
