// Examples (labels beside detections) and mistakes as pictures, grouped by kind.
import type { Annotation, Detection } from '../../shared/labels.ts';
import { errorKinds } from '../evaluate/errorKinds.ts';
import type { DetectionError, ErrorKind } from '../evaluate/errorKinds.ts';
import { className, count, escape } from './html.ts';
import { cropAround, picture } from './pictures.ts';
import type { DrawnBox, PictureStore } from './pictures.ts';
import type { Example } from './types.ts';

/** Pictures per kind of mistake. */
const shownPerKind = 12;

/** More boxes than this crowd a picture. */
const crowded = 8;

const kinds: Record<ErrorKind, [name: string, explanation: string]> = {
  missed: ['Missed', 'labelled, but nothing was found there'],
  wrongClass: ['Wrong class', 'the right place, another class'],
  poorBox: ['Poor box', 'the right class, the box overlaps the label too little'],
  both: ['Wrong class and poor box', 'another class, and too little overlap'],
  duplicate: ['Duplicate', 'an object that was already found'],
  background: ['Background', 'found where nothing is labelled; sometimes a label is missing'],
};

const percent = (score: number): string => `${Math.round(score * 100)}\u00a0%`;

const nameOf = (classes: readonly string[], id: number): string => classes[id] ?? `class ${id}`;

/** A class name short enough to stand at a box. */
function brief(name: string): string {
  const letters = Array.from(name);
  return letters.length > 14 ? `${letters.slice(0, 13).join('')}…` : name;
}

function labelBox(a: Annotation, classes: readonly string[]): DrawnBox {
  const name = nameOf(classes, a.classId);
  return { box: a.box, text: `labelled ${name}`, tag: brief(name), classId: a.classId, label: true };
}

function detectionBox(d: Detection, classes: readonly string[]): DrawnBox {
  const name = nameOf(classes, d.classId);
  const text = `found ${name}, ${percent(d.score)}`;
  return { box: d.box, text, tag: `${brief(name)} ${percent(d.score)}`, classId: d.classId, label: false };
}

/** Names would cover the objects where there are many: the colour tells the class then, and hovering the rest. */
const untagged = (boxes: DrawnBox[]): DrawnBox[] =>
  boxes.length > crowded ? boxes.map((b) => ({ ...b, tag: '' })) : boxes;

function pair(e: Example, classes: readonly string[], store: PictureStore): string {
  const labels = untagged(e.annotations.map((a) => labelBox(a, classes)));
  const found = untagged(e.detections.map((d) => detectionBox(d, classes)));
  const left = picture(store, e.path, labels, `${e.path}, labelled: ${labels.length} objects`, 290);
  const right = picture(store, e.path, found, `${e.path}, predicted: ${found.length} objects`, 290);
  return `<figure class="pair"><div><p>Labelled · ${labels.length}</p><p>Predicted · ${found.length}</p>${left}${right}</div><figcaption>${escape(e.path)}</figcaption></figure>`;
}

/** The colours of the classes that occur. */
function classLegend(examples: readonly Example[], classes: readonly string[]): string {
  const ids = new Set(examples.flatMap((e) => [...e.annotations, ...e.detections].map((o) => o.classId)));
  const items = [...ids].sort((a, b) => a - b).map((id) => `<li>${className(id, nameOf(classes, id))}</li>`);
  return `<ul class="legend classes">${items.join('')}</ul>`;
}

/** Labels beside detections as HTML. Examples without a picture are left out. */
export function examplesSection(examples: readonly Example[], classes: readonly string[], store: PictureStore): string {
  const shown = examples.filter((e) => store.has(e.path));
  if (shown.length === 0) return '<p class="empty">No example pictures were kept.</p>';
  return `${classLegend(shown, classes)}<div class="pairs">${shown.map((e) => pair(e, classes, store)).join('\n')}</div>`;
}

function errorPicture(e: DetectionError, classes: readonly string[], store: PictureStore): string {
  const boxes = [
    ...(e.label ? [{ ...labelBox(e.label, classes), below: e.detection !== null }] : []),
    ...(e.detection ? [detectionBox(e.detection, classes)] : []),
  ];
  const labelled = e.label ? `labelled ${nameOf(classes, e.label.classId)}` : 'nothing labelled';
  const found = e.detection
    ? `found ${nameOf(classes, e.detection.classId)}, ${percent(e.detection.score)}`
    : 'nothing found';
  const overlap = e.iou > 0 ? `, IoU ${e.iou.toFixed(2)}` : '';
  const view = cropAround(
    boxes.map((b) => b.box),
    store.image(e.path),
  );
  const alt = `${kinds[e.kind][0]}: ${labelled}, ${found}`;
  return `<figure>${picture(store, e.path, boxes, alt, 280, view)}<figcaption>${escape(`${labelled}; ${found}${overlap}`)}<small>${escape(e.path)}</small></figcaption></figure>`;
}

function group(
  kind: ErrorKind,
  errors: readonly DetectionError[],
  classes: readonly string[],
  store: PictureStore,
): string {
  const [name, explanation] = kinds[kind];
  const drawable = errors.filter((e) => store.has(e.path)).slice(0, shownPerKind);
  const body =
    drawable.length > 0
      ? `<div class="gallery">${drawable.map((e) => errorPicture(e, classes, store)).join('\n')}</div>`
      : '<p class="empty">No picture of these was kept.</p>';
  const shown = drawable.length < errors.length ? `, ${drawable.length} shown` : '';
  return `<details open><summary>${escape(name)} · ${count(errors.length)}<span>${escape(explanation)}${shown}</span></summary>${body}</details>`;
}

/** Mistakes grouped by kind as HTML; dashed boxes are labels, solid ones detections. */
export function errorsSection(
  errors: readonly DetectionError[],
  classes: readonly string[],
  store: PictureStore,
): string {
  if (errors.length === 0) return '<p class="empty">No mistakes at these thresholds.</p>';
  const groups = errorKinds
    .map((kind) => [kind, errors.filter((e) => e.kind === kind)] as const)
    .filter(([, found]) => found.length > 0)
    .map(([kind, found]) => group(kind, found, classes, store));
  return `<p class="note">Dashed: label. Solid: detection.</p>${groups.join('\n')}`;
}
