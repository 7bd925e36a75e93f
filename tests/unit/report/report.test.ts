// The report page: complete, self-contained, safe with hostile names, and whole when parts of a run are missing.
import { describe, expect, it } from 'vitest';
import { confusionMatrix } from '../../../src/core/evaluate/confusion.ts';
import { evaluate } from '../../../src/core/evaluate/coco.ts';
import { precisionRecallCurves } from '../../../src/core/evaluate/curves.ts';
import { findErrors } from '../../../src/core/evaluate/errorKinds.ts';
import { cropAround } from '../../../src/core/report/pictures.ts';
import { renderReport } from '../../../src/core/report/report.ts';
import type { ReportInput } from '../../../src/core/report/types.ts';

const hostile = `<script>alert("x")</script> '血' 🩸 & co`;
const box = (x: number) => ({ x1: x, y1: 10, x2: x + 40, y2: 60 });

function input(classes: string[] = ['cat', hostile]): ReportInput {
  const images = [
    {
      path: `dir/"a"<b>.jpg`,
      annotations: [
        { box: box(0), classId: 0 },
        { box: box(100), classId: 1 },
      ],
      detections: [
        { box: box(0), classId: 0, score: 0.9 },
        { box: box(100), classId: 0, score: 0.8 },
      ],
    },
    { path: 'unseen.jpg', annotations: [{ box: box(0), classId: 1 }], detections: [] },
  ];
  return {
    title: `Run ${hostile}`,
    settings: [{ name: 'seed', value: hostile }],
    dataset: {
      splits: [{ name: 'val', images: 2, boxes: 3 }],
      classes: [{ name: hostile, boxes: [2] }],
      findings: [{ file: hostile, kind: 'clipped', reason: hostile, said: null }],
    },
    classes,
    steps: [1, 2, 3].map((step) => ({
      step,
      losses: { total: 3 / step, [hostile]: 1 },
      learningRate: 1e-4,
      imagesPerSecond: 9,
    })),
    epochs: [
      { epoch: 1, minutes: 0.5, ap: null, ap50: 0.2 },
      { epoch: 2, minutes: 1, ap: 0.3, ap50: 0.7 },
    ],
    final: {
      split: 'val',
      evaluation: evaluate(images, classes),
      curves: precisionRecallCurves(images, classes),
      confusion: confusionMatrix(images, classes),
      errors: findErrors(images, classes),
    },
    examples: images,
    images: { [images[0]!.path]: { jpeg: Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), width: 200, height: 100 } },
  };
}

const tag = /<(\/?)([a-zA-Z]+\d?)((?:\s+[\w:-]+(?:="[^"<>]*")?)*)(\/?)>/y;

/** True when every `<` of the body opens a tag with quoted attributes, and every tag is closed in turn; else where it goes wrong. */
function wellFormed(html: string): true | string {
  const body = html.slice(html.indexOf('<body>'), html.indexOf('</html>'));
  const open: string[] = [];
  for (let at = body.indexOf('<'); at >= 0; at = body.indexOf('<', at + 1)) {
    tag.lastIndex = at;
    const found = tag.exec(body);
    if (!found) return body.slice(at, at + 80);
    const [text, slash, name, , empty] = found;
    if (slash === '/' && open.pop() !== name) return `unexpected ${text} at ${body.slice(at - 80, at)}`;
    if (slash === '' && empty === '') open.push(name!);
  }
  return open.length === 0 || open.join(' ');
}

describe('renderReport', () => {
  const html = renderReport(input());

  it('has every part of a run', () => {
    for (const id of ['training', 'evaluation', 'confusion', 'examples', 'mistakes', 'data', 'settings'])
      expect(html).toContain(`<section id="${id}"`);
    for (const id of ['ap-minutes', 'ap-epoch', 'loss', 'rate', 'speed', 'pr', 'f1'])
      expect(html).toContain(`id="${id}-t"`);
    expect(html).toContain('Wrong class · 1');
    expect(html).toContain('Missed · 1');
    expect(html).toContain('labelled &lt;script&gt;');
  });

  it('runs no script and asks for nothing: no address but data and fragments', () => {
    expect(html).not.toContain('<script');
    expect(html).toContain("default-src 'none'");
    const addresses = [...html.matchAll(/(?:href|src)="([^"]*)"|url\(([^)]*)\)/g)].map((m) => m[1] ?? m[2]!);
    expect(addresses.length).toBeGreaterThan(8);
    for (const address of addresses) expect(address).toMatch(/^(#[a-z0-9-]+|data:image\/jpeg;base64,[A-Za-z0-9+/=]+)$/);
    expect(html).not.toMatch(/https?:|@import/);
  });

  it('stays well formed whatever things are called', () => {
    expect(wellFormed(html)).toBe(true);
    expect(html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &#39;血&#39; 🩸 &amp; co');
    expect(html).not.toContain('NaN');
  });

  it('has no id twice, and every reference finds its id', () => {
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map((m) => m[1]!);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(id);
  });

  it('embeds a picture once, however often it is shown, and lists mistakes without one', () => {
    expect(html.match(/data:image\/jpeg/g)).toHaveLength(1);
    expect(html.match(/<use href="#img-0"/g)!.length).toBeGreaterThan(2);
    expect(html).toContain('No picture of these was kept.'); // the missed label is on unseen.jpg
  });

  it('follows light and dark, and prints light', () => {
    expect(html).toContain('prefers-color-scheme:dark');
    expect(html).toContain('@media print');
  });

  it('stands when a run has nothing to show yet', () => {
    const bare = renderReport({ ...input(), steps: [], epochs: [], final: null, examples: [], images: {} });
    expect(wellFormed(bare)).toBe(true);
    expect(bare).toContain('There were no labelled images to evaluate on.');
    expect(bare).not.toContain('<section id="training"');
    expect(bare).not.toMatch(/NaN|undefined|null/);
  });

  it('keeps to the most telling classes when there are many', () => {
    const classes = Array.from({ length: 80 }, (_, i) => `class ${i}`);
    const html80 = renderReport(input(classes));
    expect(wellFormed(html80)).toBe(true);
    expect(html80).toContain('The 20 most confused of 80 classes.');
  });
});

describe('cropAround', () => {
  it('stays inside the image, keeps 4:3, and holds the box', () => {
    const image = { jpeg: new Uint8Array(), width: 640, height: 480 };
    const view = cropAround([{ x1: 600, y1: 0, x2: 640, y2: 30 }], image);
    expect(view.x2).toBe(640);
    expect(view.y1).toBe(0);
    expect((view.x2 - view.x1) / (view.y2 - view.y1)).toBeCloseTo(4 / 3, 9);
    expect(view.x1).toBeLessThan(600);
    expect(cropAround([{ x1: 0, y1: 0, x2: 640, y2: 480 }], image)).toEqual({ x1: 0, y1: 0, x2: 640, y2: 480 });
  });
});
