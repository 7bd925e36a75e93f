// Which paths of this machine the interface may name: those a person picked, dropped or opened (window), or all under the allowed roots (browser).
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { fromFileError, saying, StudioError } from '../../shared/errors.ts';
import { said } from '../../shared/said.ts';

/** Decides about paths that come over the contract. */
export class Access {
  readonly #granted = new Set<string>();
  /** Folders that are allowed with all they hold. Empty in the window. */
  readonly roots: readonly string[];

  constructor(roots: readonly string[] = []) {
    this.roots = roots.map((root) => path.resolve(root));
  }

  /** Remembers that a person chose this path in a dialog, dropped it, or opened it before. Everything below it is allowed too. */
  grant(file: string): void {
    this.#granted.add(path.resolve(file));
  }

  /**
   * The real path of something that exists and is allowed; links are followed before the decision.
   * Errors: `not-allowed`, `file-missing`, `file-permission`.
   */
  async existing(file: string): Promise<string> {
    this.#allow(file);
    const real = await realpath(file).catch((error: unknown) => {
      throw fromFileError(error, file);
    });
    await this.#allowReal(real);
    return real;
  }

  /** Like {@link existing} for something that may not exist yet: its nearest existing folder must be allowed. */
  async writable(file: string): Promise<string> {
    this.#allow(file);
    let folder = path.resolve(file);
    for (;;) {
      const real = await realpath(folder).catch(() => null);
      if (real !== null) {
        if (real !== folder) await this.#allowReal(real);
        return path.resolve(file);
      }
      const up = path.dirname(folder);
      if (up === folder) throw saying('file-missing', 'path.nowhere', { file });
      folder = up;
    }
  }

  /**
   * Checks where a file that a project names really lies. Under allowed roots no link leads out of them; in the window, where the machine is the
   * person's own, links may. What isn't there passes: whoever reads it says so.
   * Errors: `not-allowed`, `file-permission`, `file-missing` for a link to itself.
   */
  async checkLinks(file: string): Promise<void> {
    if (this.roots.length === 0) return;
    try {
      await this.#allowReal(await realpath(file));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw fromFileError(error, file);
    }
  }

  #allow(file: string): void {
    if (!path.isAbsolute(file) || file.includes('\0'))
      throw new StudioError('argument-invalid', `"${file}" is not an absolute path. Choose the folder again.`);
    if (!this.#inside([...this.roots, ...this.#granted], path.resolve(file))) throw this.#refusal(file);
  }

  async #allowReal(real: string): Promise<void> {
    const bases = await Promise.all([...this.roots, ...this.#granted].map((base) => realpath(base).catch(() => base)));
    if (!this.#inside(bases, real)) throw this.#refusal(real);
  }

  #inside(bases: readonly string[], file: string): boolean {
    return bases.some((base) => {
      const relative = path.relative(base, file);
      return (
        relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative))
      );
    });
  }

  #refusal(file: string): StudioError {
    const remedy =
      this.roots.length > 0
        ? `Only folders under ${this.roots.join(', ')} may be used; start "serve" with --root FOLDER to allow more.`
        : 'Choose it in the dialog or drop it on the window first.';
    const roots = this.roots.join(', ');
    const by = roots === '' ? said('path.notChosen', { file }) : said('path.outsideRoots', { file, roots });
    return new StudioError('not-allowed', `${file} was not chosen by you. ${remedy}`, undefined, by);
  }
}
