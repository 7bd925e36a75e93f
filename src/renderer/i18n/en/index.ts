// The English catalogue; its keys are the keys of every catalogue.
import { english } from '../../../shared/sentences/en/index.ts';
import { app } from './app.ts';
import { commands } from './commands.ts';
import { evaluate } from './evaluate.ts';
import { label } from './label.ts';
import { model } from './model.ts';
import { project } from './project.ts';

/** All English messages. */
export const en = { ...app, ...label, ...model, ...evaluate, ...project, ...commands, ...english };

/** Key of a message. */
export type MessageKey = keyof typeof en;
