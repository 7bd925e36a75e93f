// Builds the interface once for all browser tests of a run; they get its folder by `inject('pages')`.
import type { TestProject } from 'vitest/node';
import { noBrowser } from './browser.ts';
import { buildPages } from './standInHost/page.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the built interface. */
    pages: string;
  }
}

/** Vitest's global set-up of the browser tests; nothing is built where they are left out. @returns what removes the folder */
export default async function builtPages({ provide }: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (noBrowser() !== null) return undefined;
  const pages = await buildPages();
  provide('pages', pages.folder);
  return pages.remove;
}
