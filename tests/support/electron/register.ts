// Puts the stand-in in the place of the `electron` module; loaded with --import before the built main process.
import { register } from 'node:module';

const standIn = new URL('standIn.ts', import.meta.url).href;
const hooks = `export const resolve = (specifier, context, next) =>
  next(specifier === 'electron' ? ${JSON.stringify(standIn)} : specifier, context);`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);
