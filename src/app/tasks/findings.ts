// The whole list of what an import, export or conversion left out or changed, kept in a file.
import path from 'node:path';
import { writeFileAtomic } from '../../core/files/atomicWrite.ts';
import { makeFolder } from '../../core/files/makeFolder.ts';
import { findingsFileName, findingsText, type Loss } from '../../shared/lossReport.ts';

/**
 * Writes findings beside exported labels.
 * @returns the file; null where there is nothing to say, or where it can't be written: the labels are, and the caller has the findings
 */
export const keepBeside = (folder: string, findings: readonly Loss[]): Promise<string | null> =>
  keep(path.join(path.resolve(folder), findingsFileName), findings);

/** Writes the findings of an import into a project's side folder. @returns as {@link keepBeside} */
export function keepInProject(sideFolder: string, findings: readonly Loss[]): Promise<string | null> {
  const at = new Date().toISOString().replaceAll(/[:.]/g, '-');
  return keep(path.join(sideFolder, 'findings', `import-${at}.json`), findings);
}

async function keep(file: string, findings: readonly Loss[]): Promise<string | null> {
  if (findings.length === 0) return null;
  try {
    await makeFolder(path.dirname(file));
    await writeFileAtomic(file, findingsText(findings));
    return file;
  } catch {
    return null; // a full disk must not make a finished import or export look failed
  }
}
