// COCO evaluation of boxes, with the rules of pycocotools: the one call that training, the command line and the window use.
import { accumulateClass } from './accumulate.ts';
import { groupByClass } from './group.ts';
import { summarise, summariseClass } from './summarise.ts';
import type { EvaluatedImage, Evaluation } from './types.ts';

/**
 * Evaluates detections against labels: AP and AR as pycocotools gives them for the same boxes, scores and areas, images in the same order.
 * One rule is wider: a label marked `ignore` is ignored as well (pycocotools reads only `iscrowd`); it takes one detection at ordinary IoU.
 * @param classes names by class id
 * @throws StudioError `argument-invalid` for a class id outside `classes` or a number that isn't finite
 */
export function evaluate(images: readonly EvaluatedImage[], classes: readonly string[]): Evaluation {
  const accumulated = groupByClass(images, classes.length).map((groups) => accumulateClass(groups));
  return {
    images: images.length,
    summary: summarise(accumulated),
    perClass: accumulated.map((c, id) => summariseClass(id, classes[id]!, c)),
  };
}
