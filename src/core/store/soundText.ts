// Looks whether a database has the tables of a project and whether its text can be read, before any of it is handed out: projects come
// from colleagues and failing disks, and the SQLite binding ends the whole process on text that isn't UTF-8.
import { isUtf8 } from 'node:buffer';
import { saying } from '../../shared/errors.ts';
import { Driver } from './driver.ts';
import { migrate, versionOf } from './migrations/index.ts';

/** Columns that hold text, by table. A change's body is read as bytes everywhere (see `json` of the driver), so only a full check looks at it. */
const textColumns = {
  meta: ['key', 'value'],
  class: ['uid', 'name', 'color', 'key'],
  image: ['path', 'name_key', 'search', 'hash', 'phash'],
  box: ['id'],
  change_set: ['uid', 'who', 'author', 'tool', 'version', 'action', 'label'],
  run: ['uid', 'name', 'note', 'folder', 'status', 'config', 'metrics'],
} as const satisfies Record<string, readonly string[]>;

type Table = keyof typeof textColumns;

/** Columns that hold JSON. */
const jsonColumns = [
  ['change', 'body'],
  ['run', 'config'],
  ['run', 'metrics'],
] as const;

type Column = readonly [table: string, column: string];

/**
 * Looks at every text that the program reads, natively and in a few large pieces.
 * @throws StudioError project-damaged naming table and column, or saying that the tables aren't a project's
 */
export function checkText(db: Driver, tables: readonly Table[] = Object.keys(textColumns) as Table[]): void {
  requireTables(db);
  for (const table of tables) checkColumns(db, table, present(db, table, textColumns[table]));
}

/** {@link checkText} of the history too, and whether what should be JSON is. */
export function checkAllText(db: Driver): void {
  checkText(db);
  for (const [table, column] of jsonColumns.filter(([t, c]) => present(db, t, [c]).length > 0)) {
    checkRows(db, table, column);
    if (db.one(`SELECT 1 FROM "${table}" WHERE NOT json_valid(${column}) LIMIT 1`)) throw damaged(db, [table, column]);
  }
}

/** Every table with its columns, their types and keys, as bytes: a damaged name would end the process, too. */
const shapeSql = `SELECT CAST(group_concat(t || '.' || name || ' ' || type || "notnull" || pk || hidden || strict) AS BLOB) AS shape FROM
  (SELECT m.name AS t, l.strict, p.* FROM sqlite_master m JOIN pragma_table_list l ON l.name = m.name AND l.schema = 'main'
   JOIN pragma_table_xinfo(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, p.cid)`;

const shapeOf = (db: Driver): Buffer =>
  Buffer.from(db.one<{ shape: ArrayBuffer | null }>(shapeSql)?.shape ?? new ArrayBuffer(0));

const shapes = new Map<number, Buffer>();

/** The shape that a version has. */
function shapeOfVersion(version: number): Buffer {
  const known = shapes.get(version);
  if (known) return known;
  const db = new Driver(':memory:', { create: true });
  migrate(db, version);
  const shape = shapeOf(db);
  shapes.set(version, shape);
  db.close();
  return shape;
}

/** Its tables are those of its version; triggers and views are never ours. */
function requireTables(db: Driver): void {
  const version = versionOf(db);
  const sql = "SELECT count(*) AS n FROM sqlite_master WHERE type NOT IN ('table', 'index')";
  const sound =
    version > 0 &&
    db.pragma('encoding') === 'UTF-8' &&
    db.one<{ n: number }>(sql)!.n === 0 &&
    shapeOf(db).equals(shapeOfVersion(version));
  if (!sound) throw saying('project-damaged', 'damage.notProject', { file: db.file });
}

/** Those of the columns that this version of the schema has. */
function present(db: Driver, table: string, columns: readonly string[]): string[] {
  const sql = 'SELECT count(*) AS n FROM pragma_table_info(?) WHERE name = ?';
  return columns.filter((column) => db.one<{ n: number }>(sql, [table, column])!.n > 0);
}

function checkColumns(db: Driver, table: string, columns: readonly string[]): void {
  if (columns.length === 0) return;
  const list = columns.map((column) => `CAST(group_concat("${column}") AS BLOB) AS "${column}"`).join(', ');
  const row = db.one<Record<string, ArrayBuffer | null>>(`SELECT ${list} FROM "${table}"`)!;
  for (const column of columns) if (!isSound(row[column])) throw damaged(db, [table, column]);
}

const rowsAtOnce = 20_000;

/** A column of long texts, in pieces. */
function checkRows(db: Driver, table: string, column: string): void {
  const sql = `SELECT max(id) AS last, CAST(group_concat("${column}") AS BLOB) AS text FROM
    (SELECT id, "${column}" FROM "${table}" WHERE id > ? ORDER BY id LIMIT ${rowsAtOnce})`;
  for (let last: number | null = Number.MIN_SAFE_INTEGER; last !== null;) {
    const part: { last: number | null; text: ArrayBuffer | null } = db.one(sql, [last])!;
    if (!isSound(part.text)) throw damaged(db, [table, column]);
    last = part.last;
  }
}

const isSound = (text: ArrayBuffer | null | undefined): boolean => !text || isUtf8(new Uint8Array(text));

const damaged = (db: Driver, [table, column]: Column): Error =>
  saying('project-damaged', 'damage.text', { file: db.file, table, column });
