// The host's sentences in English; their keys and places are those of every language.
import { datasets } from './datasets.ts';
import { files } from './files.ts';
import { labels } from './labels.ts';
import { losses } from './losses.ts';
import { models } from './models.ts';
import { projects } from './projects.ts';
import { desktop } from './desktop.ts';
import { training } from './training.ts';

/** All sentences in English, by key. */
export const english = {
  ...files,
  ...labels,
  ...projects,
  ...models,
  ...training,
  ...datasets,
  ...losses,
  ...desktop,
};
