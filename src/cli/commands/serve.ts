// ttfnet-studio serve
import type { Command } from 'commander';
import { outliveExceptions } from '../../app/strayErrors.ts';
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
    .option('--root <folder...>', 'folders that may be looked into; your home folder when left out')
    .action((project: string | undefined, { root, ...rest }: Options) =>
      run(project, { ...rest, roots: root }, session),
    );
}

interface Options {
  port?: number;
  host?: string;
  root?: string[];
}

async function run(
  project: string | undefined,
  options: Omit<Options, 'root'> & { roots?: string[] },
  { signal }: Session,
): Promise<void> {
  const warning = options.host === undefined ? null : hostWarning(options.host);
  if (warning !== null) process.stderr.write(`${warning}\n`);
  outliveExceptions((where, error) => console.error(`[${where}]`, error));
  // Whoever reads the link may have had enough then, as "head -1" has: that ends other commands, but nobody's labelling.
  process.stdout.removeAllListeners('error').on('error', () => undefined);
  const onLink = (url: string) => process.stdout.write(`A browser was let in. The link for another: ${url}\n`);
  const served = await serve({ version, project, ...options, onLink });
  process.stdout.write(
    `TTFNet Studio is at ${served.url}\nThe link lets one browser in; the next is printed then. Ctrl+C ends it.\n`,
  );
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await served.close();
}
