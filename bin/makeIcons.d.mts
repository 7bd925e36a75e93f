// Types of makeIcons.mjs, which runs without a build.

/** Draws all icons from an SVG file: `folder`/icon.ico, icon.icns and png/NxN.png. */
export function makeIcons(source: string, folder: string): Promise<void>;
