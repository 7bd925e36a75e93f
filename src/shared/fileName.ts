// Names of files in paths that use `/`, as the contract's do.

/** The last part of a path. */
export const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
