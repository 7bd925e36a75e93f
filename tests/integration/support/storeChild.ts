// A process that edits a project without end and says after each edit what is now on disk: the one that tests kill.
import { writeSync } from 'node:fs';
import { Project } from '../../../src/core/store/project.ts';
import type { Actor } from '../../../src/core/store/types.ts';

const actor: Actor = { author: 'person', who: 'child', tool: 'label' };
const [folder = '', mode = 'all'] = process.argv.slice(2);
const reading = mode === 'read' || mode === 'poll';
const project = Project.open(folder, { backupMinutes: 0, readOnly: reading });
let count = 0;

/** Written at once and whole, so that a line means: this had been saved. */
const say = (line: object): void => void writeSync(1, `${JSON.stringify(line)}\n`);

function sayImage(seq: number, image: number): void {
  say({ seq, image, boxes: project.boxes(image).map((b) => [b.id, b.classId, b.box.x1]) });
}

function edit(image: number): void {
  const boxes = project.boxes(image);
  const at = Math.random() * 400;
  const box = { x1: at, y1: at, x2: at + 9, y2: at + 9 };
  const some = boxes[Math.floor(Math.random() * boxes.length)];
  const dice = Math.random();
  if (!some || dice < 0.5) save(image, { type: 'add', classId: 1, box });
  else if (dice < 0.7) save(image, { type: 'update', id: some.id, box });
  else if (dice < 0.8) save(image, { type: 'remove', id: some.id });
  else undo();
}

function save(image: number, op: Parameters<Project['edit']>[1][number]['ops'][number]): void {
  sayImage(project.edit(actor, [{ image, ops: [op] }], { action: 'edit' }), image);
}

function undo(): void {
  const result = Math.random() < 0.6 ? project.undo(actor) : project.redo(actor);
  if (result?.images[0] !== undefined) sayImage(result.seq, result.images[0]);
}

async function importSome(): Promise<void> {
  const images = Array.from({ length: 30 }, (_, i) => {
    const at = Math.random() * 300;
    const annotations = [{ box: { x1: at, y1: 0, x2: at + 5, y2: 5 }, classId: 0 }];
    return { path: `${(i % 5) + 1}.jpg`, width: 640, height: 480, annotations };
  });
  const source = { classes: ['cat'], imageRoot: project.root, images };
  const facts = (): never => {
    throw new Error('every image is known');
  };
  await project.import(source, { actor, facts });
  sayImage(project.snapshot, 1);
}

setInterval(() => undefined, 1000); // lives until it is killed
say({ open: project.readOnlyReason === null, pid: process.pid });
while (mode === 'poll') {
  const reader = Project.open(folder, { readOnly: true });
  say({ notices: reader.notices, images: reader.find.ids().length });
  await reader.close();
  await new Promise((resolve) => setImmediate(resolve));
}
while (mode === 'all') {
  count++;
  if (count % 17 === 0) await importSome();
  else if (count % 23 === 0) say({ seq: project.checkpoint(actor, `c${count}`), checkpoint: `c${count}` });
  else if (count % 29 === 0) await project.backUp();
  else edit((count % 5) + 1);
  if (count % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
}
