// Why annotation files are none: archives and pictures under a wrong name, empty files, results without images. For messages only.
import path from 'node:path';
import { readHead } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';

const annotationName = /\.(json|xml|csv|txt|ya?ml|zip|gz|rar|7z)$/i;
const looked = 20;

type Kind = [test: (head: string) => boolean, what: string];

const kinds: Kind[] = [
  [(head) => head === '', 'is empty'],
  [(head) => head.startsWith('PK\u0003\u0004'), 'is a ZIP archive: unpack it first'],
  [(head) => head.startsWith('\u001f'), 'is compressed (gzip): unpack it first'],
  [(head) => head.startsWith('Rar!') || head.startsWith('7z'), 'is an archive: unpack it first'],
  [(head) => head.includes('\u0000'), 'is not text'],
];

const jsonKinds: Kind[] = [
  [
    (head) => /^\uFEFF?\s*\[/.test(head),
    'holds a list: perhaps results of a detector, which need the dataset that they are about',
  ],
  [(head) => /^\uFEFF?\s*[^\s{[]/.test(head), 'is not JSON'],
];

/** Sentences about the first files that are not what their name says; '' when all are. */
export async function oddFiles({ folder, others }: FolderFiles): Promise<string> {
  const found: string[] = [];
  for (const file of others.filter((name) => annotationName.test(name)).slice(0, looked)) {
    const head = await readHead(file, 256);
    const isJson = file.toLowerCase().endsWith('.json');
    const kind = [...kinds, ...(isJson ? jsonKinds : [])].find(([test]) => test(head));
    if (kind) found.push(`${path.relative(folder, file)} ${kind[1]}.`);
  }
  const more = found.length > 3 ? ` ${found.length - 3} more files are like that.` : '';
  return found.length === 0 ? '' : ` ${found.slice(0, 3).join(' ')}${more}`;
}
