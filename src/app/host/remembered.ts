// Settings of this person on this machine, kept between starts.
import path from 'node:path';
import { defaultSettings, settings, type Settings } from '../../shared/contract/system.ts';
import { JsonFile, personOnly } from './jsonFile.ts';

/** The settings file. */
export class Remembered {
  readonly #settings: JsonFile<Settings>;

  private constructor(file: JsonFile<Settings>) {
    this.#settings = file;
  }

  static async open(folder: string): Promise<Remembered> {
    // Settings of an older version lack newer keys: defaults fill them in.
    const lenient = { parse: (value: unknown) => ({ ...defaultSettings, ...settings.partial().parse(value) }) };
    return new Remembered(
      await JsonFile.open(path.join(folder, 'settings.json'), lenient, defaultSettings, personOnly),
    );
  }

  get settings(): Settings {
    return this.#settings.value;
  }

  async changeSettings(change: Partial<Settings>): Promise<Settings> {
    await this.#settings.set({ ...this.settings, ...change });
    return this.settings;
  }
}
