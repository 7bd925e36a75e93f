// The Chinese catalogue: the same keys as the English one, checked by the compiler and by a test.
import { chinese } from '../../../shared/sentences/zh/index.ts';
import { app } from './app.ts';
import { commands } from './commands.ts';
import { evaluate } from './evaluate.ts';
import { label } from './label.ts';
import { model } from './model.ts';
import { project } from './project.ts';

/** All Chinese messages. */
export const zh = { ...app, ...label, ...model, ...evaluate, ...project, ...commands, ...chinese };
