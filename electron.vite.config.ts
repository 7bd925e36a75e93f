// One build of everything: main process, CLI and child processes (plain Node), preload (sandboxed, so CommonJS and in one file), interface.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';

const root = import.meta.dirname;
const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

/** Everything installed at run time stays outside the bundle: native modules must, and the rest is then one copy. */
const external = ['electron', /^node:/, ...Object.keys(dependencies).map((name) => new RegExp(`^${name}(/|$)`))];

const entries = (inputs: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(inputs)
      .map(([name, file]) => [name, path.join(root, file)] as const)
      .filter(([, file]) => existsSync(file)),
  );

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      target: 'node20',
      sourcemap: true,
      externalizeDeps: false,
      rolldownOptions: {
        external,
        input: entries({ main: 'src/main/entry.ts', cli: 'src/cli/main.ts', worker: 'src/app/worker/main.ts' }),
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      rolldownOptions: {
        external: ['electron'],
        input: entries({ preload: 'src/preload/preload.ts' }),
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: path.join(root, 'src/renderer'),
    plugins: [svelte()],
    build: {
      outDir: path.join(root, 'out/renderer'),
      emptyOutDir: true,
      modulePreload: { polyfill: false }, // an inline script otherwise, which the content security policy refuses
      rolldownOptions: { input: entries({ index: 'src/renderer/index.html' }) },
    },
  },
});
