// Which files count as pictures by their name: the one list for datasets, projects, detection and the folder browser.

/** Endings of picture files, lower case, with the dot. What a file really is, its bytes say when it is opened. */
export const imageEndings: readonly string[] = [
  ...['.jpg', '.jpeg', '.jpe', '.png', '.webp', '.tif', '.tiff', '.bmp', '.gif', '.avif'],
];

/** Whether a file's name or path ends like that of a picture, in any case. */
export function isImageName(name: string): boolean {
  const dot = name.lastIndexOf('.');
  return dot !== -1 && imageEndings.includes(name.slice(dot).toLowerCase());
}
