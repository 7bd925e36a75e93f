// The English catalogue; its keys are the keys of every catalogue.
import { app } from './app.ts';
import { commands } from './commands.ts';
import { evaluate } from './evaluate.ts';
import { label } from './label.ts';
import { model } from './model.ts';
import { project } from './project.ts';
import { said } from './said.ts';

/** All English messages. */
export const en = { ...app, ...label, ...model, ...evaluate, ...project, ...commands, ...said };

/** Key of a message. */
export type MessageKey = keyof typeof en;
