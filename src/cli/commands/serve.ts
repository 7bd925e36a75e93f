// ttfnet-studio serve
import type { Command } from 'commander';
import { hostWarning, serve } from '../../server/serve.ts';
import type { Session } from '../ending.ts';
import { numberIn } from '../options.ts';
import { version } from '../version.ts';

/** Adds the command. */
export function addServe(program: Command, session: Session): void {
  program
    .command('serve')
    .argument('[project]', 'folder to open')
    .description(
      'The app in a browser, for a machine without a display or a remote one. Loopback only, with a secret link.',
    )
    .option('--port <n>', 'port; any free one when left out', numberIn(0, 65_535, true))
    .option('--host <address>', 'another address to listen on; read the warning it prints')
    .action((project: string | undefined, options: { port?: number; host?: string }) => run(project, options, session));
}

async function run(
  project: string | undefined,
  options: { port?: number; host?: string },
  { signal }: Session,
): Promise<void> {
  const warning = options.host === undefined ? null : hostWarning(options.host);
  if (warning !== null) process.stderr.write(`${warning}\n`);
  const served = await serve({ version, project, ...options });
  process.stdout.write(`TTFNet Studio is at ${served.url}\nCtrl+C ends it.\n`);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await served.close();
}
