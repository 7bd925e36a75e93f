// Why annotation files are none: archives and pictures under a wrong name, empty files, results without images. For messages only.
import path from 'node:path';
import { readHead } from './folderFiles.ts';
import type { FolderFiles } from './folderFiles.ts';

const annotationName = /\.(json|xml|csv|txt|ya?ml|zip|gz|rar|7z)$/i;
const looked = 20;

const kinds: [RegExp, string][] = [
  [/^$/, 'is empty'],
  [/^PK\u0003\u0004/, 'is a ZIP archive: unpack it first'],
  [/^\u001f/, 'is compressed (gzip): unpack it first'],
  [/^(Rar!|7z\u00bc|7z\ufffd)/, 'is an archive: unpack it first'],
  [/\u0000/, 'is not text'],
];

const jsonKinds: [RegExp, string][] = [
  [/^\uFEFF?\s*\[/, 'holds a list: perhaps results of a detector, which need the dataset that they are about'],
  [/^\uFEFF?\s*[^\s{[]/, 'is not JSON'],
];

/** Sentences about the first files that are not what their name says; '' when all are. */
export async function oddFiles({ folder, others }: FolderFiles): Promise<string> {
  const found: string[] = [];
  for (const file of others.filter((name) => annotationName.test(name)).slice(0, looked)) {
    const head = await readHead(file, 256);
    const isJson = file.toLowerCase().endsWith('.json');
    const kind = [...kinds, ...(isJson ? jsonKinds : [])].find(([pattern]) => pattern.test(head));
    if (kind) found.push(`${path.relative(folder, file)} ${kind[1]}.`);
  }
  const more = found.length > 3 ? ` ${found.length - 3} more files are like that.` : '';
  return found.length === 0 ? '' : ` ${found.slice(0, 3).join(' ')}${more}`;
}
