// Boxes of COCO masks: run lengths down the columns, plain or in COCO's compressed text.
import type { Box } from '../../shared/geometry.ts';

/**
 * Run lengths out of COCO's compressed text: numbers of 5 bits a character (offset 48, bit 5 says "more", bit 4 of the last is the
 * sign), each from the fourth on being the difference to the one two before.
 */
export function decodeRuns(text: string): number[] {
  const runs: number[] = [];
  for (let i = 0; i < text.length;) {
    let value = 0;
    let shift = 0;
    let code: number;
    do {
      code = text.charCodeAt(i++) - 48;
      value += (code & 31) * 2 ** shift;
      shift += 5;
    } while ((code & 32) !== 0 && i < text.length);
    if (code & 16) value -= 2 ** shift;
    runs.push(runs.length > 2 ? value + runs[runs.length - 2]! : value);
  }
  return runs;
}

/** The box around a mask's pixels; `runs` alternate background and object, column after column of `height`. Null when it is empty. */
export function boxOfRuns(runs: readonly number[], height: number): Box | null {
  const box = { x1: Infinity, y1: Infinity, x2: -Infinity, y2: -Infinity };
  let at = 0;
  runs.forEach((run, i) => {
    if (i % 2 === 1 && run > 0) grow(box, at, at + run - 1, height);
    at += run;
  });
  return box.x2 > box.x1 ? box : null;
}

function grow(box: Box, first: number, last: number, height: number): void {
  const [left, right] = [Math.floor(first / height), Math.floor(last / height)];
  const oneColumn = left === right;
  box.x1 = Math.min(box.x1, left);
  box.x2 = Math.max(box.x2, right + 1);
  box.y1 = Math.min(box.y1, oneColumn ? first % height : 0);
  box.y2 = Math.max(box.y2, oneColumn ? (last % height) + 1 : height);
}
