// What the program remembers between starts beside projects: settings and the recent list.
import path from 'node:path';
import { z } from 'zod';
import { defaultSettings, settings, type Settings } from '../../shared/contract/system.ts';
import { JsonFile } from './jsonFile.ts';

const recent = z.object({
  path: z.string(),
  name: z.string(),
  images: z.number().int(),
  labelled: z.number().int(),
  boxes: z.number().int(),
  openedAt: z.number(),
  cover: z.string().nullable(),
});
/** One remembered project. `cover` is a file name below the data folder's `covers`. */
export type Recent = z.infer<typeof recent>;

const mostRecents = 30;

/** Settings and recent projects of this person on this machine. */
export class Remembered {
  readonly #settings: JsonFile<Settings>;
  readonly #recents: JsonFile<Recent[]>;

  private constructor(settingsFile: JsonFile<Settings>, recentsFile: JsonFile<Recent[]>) {
    this.#settings = settingsFile;
    this.#recents = recentsFile;
  }

  static async open(folder: string): Promise<Remembered> {
    // Settings of an older version lack newer keys: defaults fill them in.
    const lenient = { parse: (value: unknown) => ({ ...defaultSettings, ...settings.partial().parse(value) }) };
    return new Remembered(
      await JsonFile.open(path.join(folder, 'settings.json'), lenient, defaultSettings),
      await JsonFile.open(path.join(folder, 'recent.json'), z.array(recent), []),
    );
  }

  get settings(): Settings {
    return this.#settings.value;
  }

  async changeSettings(change: Partial<Settings>): Promise<Settings> {
    await this.#settings.set({ ...this.settings, ...change });
    return this.settings;
  }

  /** Last opened first. */
  get recents(): readonly Recent[] {
    return this.#recents.value;
  }

  remember(entry: Recent): Promise<void> {
    const others = this.recents.filter((other) => other.path !== entry.path);
    return this.#recents.set([entry, ...others].slice(0, mostRecents));
  }

  forget(folder: string): Promise<void> {
    return this.#recents.set(this.recents.filter((other) => other.path !== folder));
  }
}
