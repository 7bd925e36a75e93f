// Why annotation files are none of a known format: archives, empty files, tables without a column, exports of other tools. For messages only.
import path from 'node:path';
import { said, type Said } from '../../shared/said.ts';
import { incompleteHeader } from './csvColumns.ts';
import { readHead } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';

const annotationName = /\.(json|xml|csv|txt|ya?ml|zip|gz|rar|7z)$/i;
const looked = 20;

type Kind = [test: (head: string) => boolean, say: (file: string) => Said];

const kinds: Kind[] = [
  [(head) => head === '', (file) => said('odd.empty', { file })],
  [(head) => head.startsWith('PK\u0003\u0004'), (file) => said('odd.zip', { file })],
  [(head) => head.startsWith('\u001f'), (file) => said('odd.gzip', { file })],
  [(head) => head.startsWith('Rar!') || head.startsWith('7z'), (file) => said('odd.archive', { file })],
  [(head) => head.includes('\u0000'), (file) => said('odd.notText', { file })],
];

/** Exports that are recognised but not read, and what to export instead. */
const tools: [test: RegExp, tool: string, instead: string][] = [
  [/"shape_attributes"\s*:|"_via_img_metadata"\s*:/, 'VGG Image Annotator (VIA)', 'COCO'],
  [/"classTitle"\s*:|"geometryType"\s*:/, 'Supervisely', 'COCO, Pascal VOC'],
  [/"asset"\s*:\s*\{[\s\S]*"regions"\s*:|"assets"\s*:\s*\{/, 'VoTT', 'Pascal VOC, CSV'],
  [/"data_row"\s*:|"Labeled Data"\s*:/, 'Labelbox', 'COCO'],
  [/"box2d"\s*:/, 'BDD100K (Scalabel)', 'COCO'],
  [/"dm_format"\s*:|"media_type"\s*:[\s\S]*"items"\s*:/, 'Datumaro', 'COCO, CVAT'],
  [/"bounding-box"\s*:|"bounding_box"\s*:\s*\{/, 'V7 Darwin', 'COCO, Pascal VOC'],
];

const isResults = (head: string): boolean =>
  /^\s*\[\s*\{/.test(head) && /"image_id"\s*:/.test(head) && /"(score|bbox)"\s*:/.test(head);

const jsonKinds: Kind[] = [
  [isResults, (file) => said('odd.results', { file })],
  ...tools.map(([test, tool, instead]): Kind => [
    (head) => test.test(head),
    (file) => said('odd.tool', { file, tool, instead }),
  ]),
  [(head) => /^\s*\[/.test(head), (file) => said('odd.list', { file })],
  [(head) => /^\s*[^\s{[]/.test(head), (file) => said('odd.notJson', { file })],
];

/** What the first files are that aren't what their name says, or not for this program; the files behind the first few are left out. */
export async function oddFiles({ folder, others }: FolderFiles): Promise<Said[]> {
  const found: Said[] = [];
  for (const file of others.filter((name) => annotationName.test(name)).slice(0, looked)) {
    const odd = oddity(await readHead(file), path.relative(folder, file));
    if (odd) found.push(odd);
  }
  return found;
}

function oddity(head: string, file: string): Said | null {
  const ending = path.extname(file).toLowerCase();
  const known = [...kinds, ...(ending === '.json' ? jsonKinds : [])].find(([test]) => test(head));
  if (known) return known[1](file);
  const table = ending === '.csv' ? incompleteHeader(head) : null;
  if (!table) return null;
  const columns = table.columns.slice(0, 30).join(', ');
  return said('odd.columns', { file, columns, first: said(`odd.lacks.${table.lacks[0]!}`, {}) });
}
