// Types of electronBinary.mjs, which runs without a build.

/** How to get the binary when the package is there without it. */
export const howToGet: string;

/** Electron's binary below `root`, or why there is none. */
export function findElectron(
  root: string,
  env?: Record<string, string | undefined>,
): { binary: string } | { why: string };

/** Why no window can be shown; null when one can. */
export function noDisplay(platform?: NodeJS.Platform, env?: Record<string, string | undefined>): string | null;
