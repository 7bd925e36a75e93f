// The report of a run: one self-contained HTML file from plain data.
import { countKinds, lossLine, lossTitles, type Loss } from '../../shared/lossReport.ts';
import { confusionSection } from './confusionSection.ts';
import { evaluationSection } from './evaluationSection.ts';
import { className, count, escape, minutes, share, table } from './html.ts';
import { page, stats } from './page.ts';
import type { Section, Stat } from './page.ts';
import { errorsSection, examplesSection } from './pictureSections.ts';
import { PictureStore } from './pictures.ts';
import { trainingSection } from './trainingSection.ts';
import type { DatasetSummary, ReportInput, Setting } from './types.ts';

/** Findings of each kind that a page shows; the rest is counted. */
const shownOfKind = 10;

/** What was found about the labels: how often each kind, and the first of each. */
function findingsCard(findings: readonly Loss[]): string {
  if (findings.length === 0) return '';
  const kinds = countKinds(findings).map(({ kind, count: n }) => {
    const shown = findings.filter((loss) => loss.kind === kind).slice(0, shownOfKind);
    const items = shown.map((loss) => `<li>${escape(lossLine(loss))}</li>`).join('');
    const more = n > shown.length ? `<li>and ${count(n - shown.length)} more, listed in findings.json</li>` : '';
    return `<p><strong>${escape(lossTitles[kind])}</strong> (${count(n)})</p><ul>${items}${more}</ul>`;
  });
  return `<div class="card warn"><strong>Worth knowing</strong>${kinds.join('')}</div>`;
}

function datasetSection(data: DatasetSummary): string {
  const splits = table(
    [{ head: 'Split' }, { head: 'Images', numeric: true }, { head: 'Boxes', numeric: true }],
    data.splits.map((s) => [escape(s.name), count(s.images), count(s.boxes)]),
    'Images and boxes per split',
  );
  const classes = table(
    [{ head: 'Class' }, ...data.splits.map((s) => ({ head: s.name, numeric: true }))],
    data.classes.map((c, id) => [className(id, c.name), ...c.boxes.map(count)]),
    'Boxes per class and split',
  );
  return `${findingsCard(data.findings)}<div class="cols"><div>${splits}</div><div>${classes}</div></div>`;
}

function settingsSection(settings: readonly Setting[]): string {
  const half = Math.ceil(settings.length / 2);
  const part = (list: readonly Setting[], caption: string): string =>
    table(
      [{ head: 'Setting' }, { head: 'Value' }],
      list.map((s) => [escape(s.name), escape(s.value)]),
      caption,
    );
  const parts = [part(settings.slice(0, half), 'Settings'), part(settings.slice(half), 'Settings, continued')];
  return `<div class="cols">${(settings.length > 8 ? parts : [part(settings, 'Settings')]).join('')}</div>`;
}

function headline(input: ReportInput): string {
  const summary = input.final?.evaluation.summary;
  const last = input.epochs.at(-1);
  const items: (Stat | null)[] = [
    summary ? { name: 'AP50', value: share(summary.ap50), lead: true } : null,
    summary ? { name: 'AP', value: share(summary.ap), lead: true } : null,
    summary ? { name: 'AP75', value: share(summary.ap75) } : null,
    summary ? { name: 'AP small', value: share(summary.apSmall) } : null,
    summary ? { name: 'AP medium', value: share(summary.apMedium) } : null,
    summary ? { name: 'AP large', value: share(summary.apLarge) } : null,
    last ? { name: 'Training time', value: minutes(last.minutes) } : null,
    last ? { name: 'Epochs', value: String(Number(last.epoch.toFixed(2))) } : null,
  ];
  return stats(items.filter((s) => s !== null));
}

function sections(input: ReportInput, store: PictureStore): Section[] {
  const { final, classes } = input;
  const list: (Section | null)[] = [
    input.steps.length + input.epochs.length > 0
      ? { id: 'training', title: 'Training', body: trainingSection(input.steps, input.epochs) }
      : null,
    final
      ? { id: 'evaluation', title: 'Evaluation', body: evaluationSection(final) }
      : {
          id: 'evaluation',
          title: 'Evaluation',
          body: '<p class="empty">There were no labelled images to evaluate on.</p>',
        },
    final ? { id: 'confusion', title: 'Confusion', body: confusionSection(final.confusion) } : null,
    input.examples.length > 0
      ? { id: 'examples', title: 'Examples', body: examplesSection(input.examples, classes, store) }
      : null,
    final ? { id: 'mistakes', title: 'Mistakes', body: errorsSection(final.errors, classes, store) } : null,
    { id: 'data', title: 'Data', body: datasetSection(input.dataset) },
    { id: 'settings', title: 'Settings', body: settingsSection(input.settings) },
  ];
  return list.filter((s) => s !== null);
}

/**
 * Renders a run's report. The page has no script, makes no request (its own policy forbids both) and follows the reader's light or dark preference.
 * Its size is about that of the JPEGs times 4/3; training keeps them to some dozens at screen size.
 */
export function renderReport(input: ReportInput): string {
  const store = new PictureStore(input.images);
  const parts = sections(input, store);
  return page(input.title, input.subtitle ?? '', headline(input), parts, store.definitions());
}
