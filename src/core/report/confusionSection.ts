// The confusion matrix as a shaded table; with many classes, the ones most mixed up and a list of the commonest confusions.
import type { ConfusionMatrix } from '../evaluate/confusion.ts';
import { count, escape, table } from './html.ts';

/** Rows that still fit a page. */
const shownClasses = 20;

const sum = (row: readonly number[]): number => row.reduce((a, b) => a + b, 0);

/** Class ids shown: all, or those with the most counts off the diagonal. */
function shown(m: ConfusionMatrix): number[] {
  const ids = m.classes.map((_, i) => i);
  if (ids.length <= shownClasses) return ids;
  const wrong = (i: number): number =>
    sum(m.counts[i]!) + m.counts.reduce((total, row) => total + row[i]!, 0) - 2 * m.counts[i]![i]!;
  const worst = new Set([...ids].sort((a, b) => wrong(b) - wrong(a)).slice(0, shownClasses));
  return ids.filter((i) => worst.has(i));
}

function cell(m: ConfusionMatrix, row: number, column: number, total: number): string {
  const value = m.counts[row]![column]!;
  const alpha = total > 0 ? value / total : 0;
  if (row === column && row === m.classes.length) return '<td class="zero" title="not counted">·</td>';
  const name = (i: number): string => m.classes[i] ?? 'background';
  const kind = value === 0 ? 'zero' : alpha > 0.55 ? 'hot' : '';
  const title = escape(`labelled ${name(row)}, predicted ${name(column)}: ${value}`);
  return `<td class="${kind}" style="--a:${alpha.toFixed(3)}" title="${title}">${count(value)}</td>`;
}

function matrix(m: ConfusionMatrix): string {
  const ids = [...shown(m), m.classes.length];
  const heads = ids.map((i) => {
    const name = escape(m.classes[i] ?? 'missed');
    return `<th scope="col" title="${name}">${name}</th>`;
  });
  const rows = ids.map((r) => {
    const total = sum(m.counts[r]!);
    const cells = ids.map((c) => cell(m, r, c, total));
    return `<tr><th scope="row">${escape(m.classes[r] ?? 'nothing labelled')}</th>${cells.join('')}</tr>`;
  });
  return `<div class="scroll matrix"><table><caption class="sr">Rows: labelled class. Columns: predicted class.</caption><thead><tr><th scope="col">labelled ↓ predicted →</th>${heads.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function commonest(m: ConfusionMatrix): string {
  const pairs = m.classes.flatMap((labelled, r) =>
    m.classes.map((predicted, c) => ({ labelled, predicted, value: r === c ? 0 : m.counts[r]![c]! })),
  );
  const top = pairs.filter((p) => p.value > 0).sort((a, b) => b.value - a.value);
  if (top.length === 0) return '<p class="note">No class was taken for another.</p>';
  const columns = [{ head: 'Labelled' }, { head: 'Predicted' }, { head: 'Count', numeric: true }];
  const rows = top.slice(0, 10).map((p) => [escape(p.labelled), escape(p.predicted), count(p.value)]);
  return `<h3>Commonest mix-ups</h3>${table(columns, rows, 'Commonest confusions between classes')}`;
}

/** The matrix and its reading as HTML. */
export function confusionSection(m: ConfusionMatrix): string {
  const many =
    m.classes.length > shownClasses ? ` The ${shownClasses} most confused of ${m.classes.length} classes.` : '';
  return `<p class="note">At IoU ${m.iouThreshold} and score ${m.scoreThreshold}, shaded by the share of the row.${many}</p>${matrix(m)}${commonest(m)}`;
}
