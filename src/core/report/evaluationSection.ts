// The part of a run's report about how good the model is: numbers per class, precision-recall and F1 curves.
import type { ClassCurve } from '../evaluate/curves.ts';
import type { Summary } from '../evaluate/types.ts';
import { lineChart } from './chart.ts';
import type { Series } from './chart.ts';
import { bar, className, count, escape, share, table } from './html.ts';
import type { Point } from './scale.ts';
import type { FinalEvaluation } from './types.ts';

/** Curves drawn at once; more can't be told apart. */
const drawnClasses = 8;

const rows: [keyof Summary, string][] = [
  ['ap', 'AP, mean over IoU 0.50 to 0.95'],
  ['ap50', 'AP at IoU 0.50'],
  ['ap75', 'AP at IoU 0.75'],
  ['apSmall', 'AP of small objects (under 32² px)'],
  ['apMedium', 'AP of medium objects'],
  ['apLarge', 'AP of large objects (over 96² px)'],
  ['ar1', 'Recall with 1 detection per image and class'],
  ['ar10', 'Recall with 10'],
  ['ar100', 'Recall with 100'],
  ['arSmall', 'Recall of small objects'],
  ['arMedium', 'Recall of medium objects'],
  ['arLarge', 'Recall of large objects'],
];

function summaryTables(summary: Summary): string {
  const part = (from: number, head: string): string =>
    table(
      [{ head }, { head: 'Value', numeric: true }],
      rows.slice(from, from + 6).map(([key, name]) => [escape(name), bar(summary[key])]),
      `${head} over all classes`,
    );
  return `<div class="cols">${part(0, 'Average precision')}${part(6, 'Average recall')}</div>`;
}

function classTable({ evaluation, curves }: FinalEvaluation): string {
  const best = new Map(curves.map((c) => [c.classId, c.best]));
  const columns = [
    { head: 'Class' },
    { head: 'Labels', numeric: true, title: 'Labels that count: neither crowd nor ignored' },
    { head: 'AP', numeric: true },
    { head: 'AP50', numeric: true },
    { head: 'AP75', numeric: true },
    { head: 'Best threshold', numeric: true, title: 'Score threshold with the highest F1 at IoU 0.50' },
    { head: 'Precision', numeric: true, title: 'At the best threshold' },
    { head: 'Recall', numeric: true, title: 'At the best threshold' },
    { head: 'F1', numeric: true, title: 'At the best threshold' },
  ];
  const cells = evaluation.perClass.map((c) => {
    const b = best.get(c.classId) ?? null;
    const at = [b?.score, b?.precision, b?.recall, b?.f1].map(share);
    return [className(c.classId, c.name), count(c.labels), share(c.ap), bar(c.ap50), share(c.ap75), ...at];
  });
  return table(columns, cells, 'Results per class');
}

/** The pooled curve and those of the classes with most labels. */
function chosen({ evaluation, curves }: FinalEvaluation): ClassCurve[] {
  const labels = new Map<number | null, number>(evaluation.perClass.map((c) => [c.classId, c.labels]));
  const classes = curves.filter((c) => c.classId !== null && c.points.length > 0);
  const frequent = [...classes].sort((a, b) => labels.get(b.classId)! - labels.get(a.classId)!).slice(0, drawnClasses);
  const pooled = classes.length > 1 ? curves.filter((c) => c.classId === null) : [];
  return [...classes.filter((c) => frequent.includes(c)), ...pooled];
}

function series(curves: readonly ClassCurve[], points: (c: ClassCurve) => Point[]): Series[] {
  return curves.map((c) => ({ name: c.name, strong: c.classId === null, points: points(c) }));
}

function charts(final: FinalEvaluation): string {
  const drawn = chosen(final);
  const left =
    final.evaluation.perClass.filter((c) => c.labels > 0).length - drawn.filter((c) => c.classId !== null).length;
  const note = left > 0 ? `The ${drawnClasses} classes with most labels; ${left} more are in the table.` : undefined;
  const unit = [0, 1] as const;
  const shared = { xRange: unit, yRange: unit, note };
  const pr = lineChart('pr', {
    ...shared,
    title: 'Precision against recall at IoU 0.50',
    xLabel: 'recall',
    yLabel: 'precision',
    series: series(drawn, (c) => c.points.map((p) => [p.recall, p.precision])),
  });
  const f1 = lineChart('f1', {
    ...shared,
    title: 'F1 against score threshold',
    xLabel: 'score threshold',
    yLabel: 'F1',
    series: series(drawn, (c) => [...c.points].reverse().map((p) => [p.score, p.f1])),
  });
  return `<div class="cols">${pr}${f1}</div>`;
}

/** The evaluation as HTML. */
export function evaluationSection(final: FinalEvaluation): string {
  return [
    `<p class="note">Measured on ${escape(final.split)} (${count(final.evaluation.images)} images) with COCO’s rules.</p>`,
    `<h3>Per class</h3>${classTable(final)}`,
    `<h3>Curves</h3>${charts(final)}`,
    `<h3>All measures</h3>${summaryTables(final.evaluation.summary)}`,
  ].join('\n');
}
