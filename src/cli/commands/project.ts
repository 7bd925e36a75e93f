// ttfnet-studio project: the group of commands about a project, each in its own file.
import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import type { Session } from '../ending.ts';
import { addProjectHistory } from './projectHistory.ts';
import { addProjectLooks } from './projectLook.ts';
import { addProjectMakers } from './projectMake.ts';
import { addProjectMerge } from './projectMerge.ts';

/** Adds the command and its sub-commands. */
export function addProject(program: Command, session: Session): void {
  const project = program
    .command('project')
    .description('Keep the labels of a folder of pictures in a project: every edit stays in its history.')
    .addHelpText(
      'after',
      `
A project is one file, ttfnet-studio.sqlite, in the folder with the pictures. PROJECT is that folder or that file.
train, eval, detect and convert take a project where they take a folder.

  $ ttfnet-studio project create cells --import               make one, with the labels that lie there
  $ ttfnet-studio project info cells                          what is in it
  $ ttfnet-studio train cells --minutes 5 --out runs/cells    train on its labels
  $ ttfnet-studio project export cells --to coco --out shared --copy-images
  $ ttfnet-studio project history cells                       what happened
  $ ttfnet-studio project restore cells --to 120              go back; that too can be undone
  $ ttfnet-studio project merge cells /mnt/anna/cells         take in a colleague's copy
  $ ttfnet-studio project check cells                         is it whole?`,
    );
  // A project of 100,000 images is to need less than 300 MB; where memory is plenty, V8 would let garbage grow to twice that.
  project.hook('preAction', () => setFlagsFromString('--optimize-for-size'));
  for (const add of [addProjectMakers, addProjectLooks, addProjectHistory, addProjectMerge]) add(project, session);
}
