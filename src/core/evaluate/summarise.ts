// From curves to the numbers people quote (pycocotools' COCOeval.summarize), with null instead of -1 for "undefined".
import { precisionOffset, recallOffset } from './accumulate.ts';
import type { ClassAccumulation } from './accumulate.ts';
import { iouThresholds, recallThresholds } from './grid.ts';
import type { ClassResult, Summary } from './types.ts';

const T = iouThresholds.length;
const R = recallThresholds.length;
/** Positions in `grid.ts`. */
const all = 0;
const best100 = 2;

/** Mean of what is defined (above -1), or null when nothing is. */
class DefinedMean {
  private sum = 0;
  private count = 0;

  add(values: Float64Array): void {
    for (const v of values) {
      if (v <= -1) continue;
      this.sum += v;
      this.count++;
    }
  }

  get value(): number | null {
    return this.count > 0 ? this.sum / this.count : null;
  }
}

/** Average precision over `classes`, at all IoU thresholds or at the one with index `only`. */
function averagePrecision(classes: readonly ClassAccumulation[], area: number, only?: number): number | null {
  const mean = new DefinedMean();
  const from = precisionOffset(area, best100, only ?? 0);
  const length = only === undefined ? T * R : R;
  for (const c of classes) mean.add(c.precision.subarray(from, from + length));
  return mean.value;
}

function averageRecall(classes: readonly ClassAccumulation[], area: number, limit: number): number | null {
  const mean = new DefinedMean();
  const from = recallOffset(area, limit, 0);
  for (const c of classes) mean.add(c.recall.subarray(from, from + T));
  return mean.value;
}

/** The twelve COCO numbers over `classes`. */
export function summarise(classes: readonly ClassAccumulation[]): Summary {
  return {
    ap: averagePrecision(classes, all),
    ap50: averagePrecision(classes, all, 0),
    ap75: averagePrecision(classes, all, 5),
    apSmall: averagePrecision(classes, 1),
    apMedium: averagePrecision(classes, 2),
    apLarge: averagePrecision(classes, 3),
    ar1: averageRecall(classes, all, 0),
    ar10: averageRecall(classes, all, 1),
    ar100: averageRecall(classes, all, 2),
    arSmall: averageRecall(classes, 1, best100),
    arMedium: averageRecall(classes, 2, best100),
    arLarge: averageRecall(classes, 3, best100),
  };
}

/** One class's own numbers. */
export function summariseClass(classId: number, name: string, c: ClassAccumulation): ClassResult {
  return {
    classId,
    name,
    labels: c.labels,
    detections: c.detections,
    ap: averagePrecision([c], all),
    ap50: averagePrecision([c], all, 0),
    ap75: averagePrecision([c], all, 5),
    ar: averageRecall([c], all, best100),
  };
}
