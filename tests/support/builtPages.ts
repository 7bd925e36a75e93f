// Builds the interface once for all browser tests of a run; they get its folder by `inject('pages')`.
import type { TestProject } from 'vitest/node';
import { buildPages } from './standInHost/page.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the built interface. */
    pages: string;
  }
}

/** Vitest's global set-up of the browser tests. @returns what removes the folder */
export default async function builtPages({ provide }: TestProject): Promise<() => Promise<void>> {
  const pages = await buildPages();
  provide('pages', pages.folder);
  return pages.remove;
}
