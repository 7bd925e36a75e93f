// The stand-in's single instance: a lock file in the program's folder, beside which a second start leaves its words for the first.
import { existsSync, mkdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Takes the lock and hears of later starts; false, with a note to who holds it, when somebody alive does. */
export function lockFolder(folder: string, onSecond: (argv: string[], cwd: string) => void): boolean {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'stand-in.lock');
  const holder = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (holder !== 0 && isAlive(holder)) {
    const note = path.join(folder, `second-${process.pid}.json`);
    writeFileSync(note, JSON.stringify({ argv: process.argv, cwd: process.cwd() }));
    return false;
  }
  writeFileSync(file, String(process.pid));
  watch(folder, (_event, name) => hearSecond(folder, name, onSecond));
  return true;
}

function hearSecond(folder: string, name: string | null, onSecond: (argv: string[], cwd: string) => void): void {
  const file = path.join(folder, name ?? '');
  if (!name?.startsWith('second-') || !existsSync(file)) return;
  const text = readFileSync(file, 'utf8');
  if (text === '') return; // still being written: the next event finds it whole
  rmSync(file, { force: true });
  const { argv, cwd } = JSON.parse(text) as { argv: string[]; cwd: string };
  onSecond(argv, cwd);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
