// The software Vulkan driver (SwiftShader) that comes with a browser, and what a process needs to be started with to use it.
import { existsSync, realpathSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findElectron } from '../../bin/electronBinary.mjs';
import { findBrowser } from './browser.ts';

const manifest = 'vk_swiftshader_icd.json';
const files = [manifest, 'libvk_swiftshader.so', 'libvulkan.so.1'];
/** A browser's file may be a script elsewhere that starts the one in such a folder. */
const usual = ['/usr/lib/chromium', '/usr/lib64/chromium', '/usr/lib/chromium-browser'];

/** Folder with the driver and Vulkan's loader, or why there is none. */
export function softwareDriver(): { folder: string } | { why: string } {
  if (process.platform !== 'linux') return { why: 'the software Vulkan driver is only looked for on Linux' };
  const electron = findElectron(path.resolve(import.meta.dirname, '../..'));
  const programs = [findBrowser(), 'binary' in electron ? electron.binary : null];
  const folders = programs.flatMap((file) => (file === null ? [] : path.dirname(realpathSync(file))));
  const folder = [...folders, ...usual].find((one) => files.every((name) => existsSync(path.join(one, name))));
  return folder === undefined ? { why: `no browser here comes with ${files.join(', ')}` } : { folder };
}

/** Why WebGPU can't be tried here; null where it can. */
export function noDriver(): string | null {
  const driver = softwareDriver();
  return 'why' in driver ? driver.why : null;
}

/**
 * Environment for a process that uses the driver. It has to be there when the process starts: the system's loader reads its path only then, and
 * Debian keeps Vulkan's loader beside the browser, where nothing else looks. Empty where there is no driver.
 */
export function driverEnvironment(): Record<string, string> {
  const driver = softwareDriver();
  if ('why' in driver) return {};
  const icd = path.join(driver.folder, manifest);
  return {
    LD_LIBRARY_PATH: [driver.folder, ...(process.env['LD_LIBRARY_PATH']?.split(':') ?? [])].join(':'),
    VK_DRIVER_FILES: icd,
    VK_ICD_FILENAMES: icd,
    XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR'] ?? os.tmpdir(),
  };
}
