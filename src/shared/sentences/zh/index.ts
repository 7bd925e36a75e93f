// The host's sentences in Chinese: the same keys as the English ones, checked by the compiler.
import type { english } from '../en/index.ts';
import { datasets } from './datasets.ts';
import { files } from './files.ts';
import { labels } from './labels.ts';
import { losses } from './losses.ts';
import { models } from './models.ts';
import { projects } from './projects.ts';
import { desktop } from './desktop.ts';
import { training } from './training.ts';

/** All sentences in Chinese, by key. */
export const chinese: Record<keyof typeof english, string> = {
  ...files,
  ...labels,
  ...projects,
  ...models,
  ...training,
  ...datasets,
  ...losses,
  ...desktop,
};
