// Packaging of the desktop app: only built files and what they need at run time, and Electron's fuses set (19 of its security checklist).
import type { Configuration } from 'electron-builder';

const config: Configuration = {
  appId: 'studio.ttfnet.app',
  productName: 'TTFNet Studio',
  directories: { output: 'dist' },
  files: [
    'out/**/*',
    '!**/*.map',
    'package.json',
    'LICENSE',
    // Of this package only the base network's two files are used; the rest is 40 MB of other models and programs.
    '!node_modules/@vladmandic/human/**/*',
    'node_modules/@vladmandic/human/package.json',
    'node_modules/@vladmandic/human/LICENSE',
    'node_modules/@vladmandic/human/models/centernet.*',
  ],
  // Native libraries can't be loaded from inside the archive, nor the network's weights mapped from it.
  asarUnpack: ['**/*.node', '**/*.{so,so.*,dylib,dll}', 'node_modules/@vladmandic/human/models/**'],
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
  linux: { target: ['AppImage', 'deb'], category: 'Graphics' },
  mac: { target: ['dmg'], category: 'public.app-category.graphics-design' },
  win: { target: ['nsis'] },
};

export default config;
