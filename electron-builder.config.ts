// Packaging of the desktop app: only built files and what they need at run time, and Electron's fuses set (19 of its security checklist).
// tests/integration/packaging.test.ts runs it without Electron's binary and starts what it packs.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Configuration } from 'electron-builder';
import { listHashes, nativeFolders, strangeFiles, unpackedList } from './src/main/unpacked.ts';

/**
 * Project files are SQLite files: the program is offered for these ("Open with"), never as the first choice. Windows knows no second choice
 * and no ending of two parts, so there nothing is claimed.
 */
const projectFiles = { ext: 'sqlite', name: 'TTFNet Studio project', role: 'Editor' } as const;

const config: Configuration = {
  appId: 'studio.ttfnet.app',
  productName: 'TTFNet Studio',
  directories: { output: 'dist', buildResources: 'resources' },
  files: [
    'out/**/*',
    '!out/icons/**/*', // made for the packages themselves
    'resources/models.json',
    '!**/*.map',
    'package.json',
    'LICENSE',
    'NOTICE.md',
    // Of this package only the base network's two files are used; the rest is 40 MB of other models and programs.
    '!node_modules/@vladmandic/human/**/*',
    'node_modules/@vladmandic/human/package.json',
    'node_modules/@vladmandic/human/LICENSE',
    'node_modules/@vladmandic/human/models/centernet.*',
    // Of the runtime only the library of the system that is packed for: the others are 90 MB that nobody loads.
    '!node_modules/onnxruntime-node/{lib,script,bin}/**/*',
    'node_modules/onnxruntime-node/bin/napi-v6/${platform}/${arch}/**/*',
    // Builds for a C library that Electron doesn't run on.
    '!node_modules/@libsql/*musl*/**/*',
    '!node_modules/@img/*musl*/**/*',
  ],
  // Native libraries can't be loaded from inside the archive, nor the network's weights mapped from it.
  asarUnpack: ['**/*.node', '**/*.{so,so.*,dylib,dll}', 'node_modules/@vladmandic/human/models/**'],
  // Hashes of what lies outside the archive: listed inside it before, compared as the program will at each start after it is packed.
  beforePack: ({ packager }) => {
    const app = packager.info.appDir;
    writeFileSync(path.join(app, unpackedList), JSON.stringify(listHashes(app, nativeFolders(app))));
  },
  afterPack: ({ packager, appOutDir, electronPlatformName }) => {
    const archive = path.join(packager.getResourcesDir(appOutDir), 'app.asar');
    const strange = strangeFiles(archive, path.join(packager.info.appDir, unpackedList), electronPlatformName);
    if (strange.length > 0)
      throw new Error(`These files outside the archive are not in its list: ${strange.join(', ')}`);
  },
  npmRebuild: false, // all native modules come built for Node-API
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  },
  linux: {
    ...{ target: ['AppImage', 'deb'], category: 'Graphics', icon: 'out/icons/png' },
    fileAssociations: [{ ...projectFiles, mimeType: 'application/vnd.sqlite3' }],
  },
  mac: {
    ...{ target: ['dmg'], category: 'public.app-category.graphics-design', icon: 'out/icons/icon.icns' },
    fileAssociations: [{ ...projectFiles, rank: 'Alternate' }],
  },
  win: { target: ['nsis'], icon: 'out/icons/icon.ico' },
};

export default config;
