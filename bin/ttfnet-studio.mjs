#!/usr/bin/env node
// Starts the built command line; says what to do when it isn't built.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../out/main/cli.js', import.meta.url);
if (existsSync(fileURLToPath(built))) await import(built.href);
else {
  process.stderr.write('The program is not built yet. Run "npm run build" first.\n');
  process.exitCode = 1;
}
