// The one place that talks to SQLite: opens a file durably, runs statements, and turns SQLite's errors into ours.
import { existsSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { saying, StudioError } from '../../shared/errors.ts';
import { inEnglish, type Said } from '../../shared/said.ts';
import { isStorable, visible } from '../../shared/storableText.ts';
import { fromSqlError } from './sqlErrors.ts';

/** What may be bound to a statement. Never a boolean or undefined: the native binding aborts the process on them. */
export type SqlValue = string | number | Uint8Array | null;

/** Read access to a database. Functions that take this can't change anything. */
export interface ReadDb {
  /**
   * All rows as objects keyed by column name. Each call holds a kilobyte outside of JavaScript's memory until the event loop turns: in
   * loops over images ask for many at once, or for {@link one}.
   */
  all<Row>(sql: string, params?: readonly SqlValue[]): Row[];
  /** The first row, or undefined. Holds nothing afterwards. */
  one<Row>(sql: string, params?: readonly SqlValue[]): Readonly<Row> | undefined;
  /** The integers that a `group_concat(id)` query joins, in its order: ten times faster than one row per id. */
  ids(sql: string, params?: readonly SqlValue[]): number[];
  /**
   * The JSON values that a `group_concat(json)` query joins, in its order. They come over as bytes: the binding ends the process on text
   * that isn't UTF-8. @throws StudioError project-damaged when they aren't JSON
   */
  json<Value>(sql: string, params?: readonly SqlValue[]): Value[];
}

/** Write access; only ever handed out inside {@link Driver.write}, so every change is in a transaction. */
export interface WriteDb extends ReadDb {
  /** Runs one statement that returns no rows. @throws StudioError argument-invalid for a text that would not come back as it is */
  run(sql: string, params?: readonly SqlValue[]): void;
}

type Statement = Database.Statement;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const isRow = (row: unknown): row is object => typeof row === 'object' && row !== null;

/**
 * The address of a file that SQLite opens read-only: the operating system then refuses every write, and closing folds no log into the file
 * (that would be the writer's to do). The binding ignores better-sqlite3's `readonly` option, so the address says it.
 */
function readOnlyAddress(file: string): string {
  const full = path.resolve(file).split(path.sep).join('/');
  const encoded = encodeURI(full).replaceAll('#', '%23').replaceAll('?', '%3f');
  return `file://${full.startsWith('/') ? '' : '/'}${encoded}?mode=ro`;
}

/** A connection to one database file. */
export class Driver implements ReadDb {
  readonly file: string;
  /** Why nothing may be written, as a sentence for people; null when writing is allowed. */
  readonly readOnlyReason: Said | null;
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Statement>();
  #writing = false;
  #closed = false;
  /** Counts this connection's committed transactions: caches compare it. */
  version = 0;

  /**
   * Opens an existing file (or creates it with `create`).
   * @param readOnlyReason when given, nothing may be written and this sentence is the answer to any attempt
   * @throws StudioError file-missing, file-permission or project-damaged
   */
  constructor(file: string, options: { create?: boolean; readOnlyReason?: Said | null } = {}) {
    this.file = file;
    this.readOnlyReason = options.readOnlyReason ?? null;
    if (!options.create && !existsSync(file)) {
      throw saying('file-missing', 'file.missing', { file });
    }
    const address = this.readOnlyReason === null ? file : readOnlyAddress(file);
    this.#db = this.#guard(() => new Database(address, { timeout: 5000 }));
    try {
      this.#guard(() => this.#configure());
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  #configure(): void {
    this.#db.exec('PRAGMA foreign_keys = 1; PRAGMA cache_size = -32768; PRAGMA temp_store = 2;');
    if (this.readOnlyReason === null) this.#db.exec('PRAGMA synchronous = FULL');
    this.#db.prepare('SELECT count(*) FROM sqlite_master').all(); // reads the header: a file of another kind fails here
  }

  /** Turns on write-ahead logging; kept in the file, so done once when a database is created or taken over. */
  useWal(): void {
    this.#guard(() => this.#db.prepare('PRAGMA journal_mode = WAL').all());
    this.#guard(() => this.#db.exec('PRAGMA journal_size_limit = 67108864'));
  }

  all<Row>(sql: string, params: readonly SqlValue[] = []): Row[] {
    return this.#guard(() => this.#statement(sql).all(params) as Row[]);
  }

  one<Row>(sql: string, params: readonly SqlValue[] = []): Readonly<Row> | undefined {
    const row: unknown = this.#guard(() => this.#statement(sql).get(params));
    if (!isRow(row)) return undefined;
    delete (row as { _metadata?: unknown })._metadata; // the binding's own timing
    return row as Row;
  }

  ids(sql: string, params: readonly SqlValue[] = []): number[] {
    const row = this.one<unknown>(sql, params);
    const text: unknown = isRow(row) ? Object.values(row)[0] : null;
    if (typeof text === 'number') return [text]; // a single id may come back as the number it is
    return typeof text === 'string' ? (JSON.parse(`[${text}]`) as number[]) : [];
  }

  json<Value>(sql: string, params: readonly SqlValue[] = []): Value[] {
    const row = this.one<{ json: ArrayBuffer | null }>(`SELECT CAST((${sql}) AS BLOB) AS json`, params);
    if (!row?.json) return [];
    try {
      return JSON.parse(`[${utf8.decode(row.json)}]`) as Value[];
    } catch (error) {
      throw saying('project-damaged', 'damage.history', { file: this.file }, error);
    }
  }

  /** A pragma's value, as text. */
  pragma(name: string): string {
    const row = this.all<unknown>(`PRAGMA ${name}`)[0];
    return isRow(row) ? String(Object.values(row)[0]) : '';
  }

  /** Runs statements outside a transaction: only for pragmas, VACUUM and ATTACH. */
  exec(sql: string): void {
    this.#guard(() => this.#db.exec(sql));
  }

  /**
   * Runs `body` in one durable transaction: when this returns, the change is on disk; when it throws, nothing changed.
   * @throws StudioError disk-full, project-locked, project-damaged, or whatever `body` throws
   */
  write<T>(body: (db: WriteDb) => T): T {
    const refused = this.readOnlyReason;
    if (refused !== null) throw new StudioError('project-locked', inEnglish(refused), undefined, refused);
    if (this.#writing) throw new StudioError('internal', `${this.file}: a transaction was started inside another one.`);
    this.#writing = true;
    try {
      this.exec('BEGIN IMMEDIATE');
      const result = body(this.#writable());
      this.exec('COMMIT');
      this.version++;
      return result;
    } catch (error) {
      this.#rollback();
      throw error;
    } finally {
      this.#writing = false;
    }
  }

  /** Runs `body` over one state of the database, whatever others write meanwhile. Short work only: it keeps a writer from starting. */
  read<T>(body: () => T): T {
    if (this.#writing) return body();
    this.exec('BEGIN');
    try {
      return body();
    } finally {
      this.#rollback();
    }
  }

  #writable(): WriteDb {
    return {
      all: (sql, params) => this.all(sql, params),
      one: (sql, params) => this.one(sql, params),
      ids: (sql, params) => this.ids(sql, params),
      json: (sql, params) => this.json(sql, params),
      run: (sql, params = []) => {
        requireStorable(params);
        this.#guard(() => this.#statement(sql).run(params as unknown[]));
      },
    };
  }

  #rollback(): void {
    try {
      if (!this.#closed && this.#db.inTransaction) this.#db.exec('ROLLBACK');
    } catch {
      // SQLite rolls back by itself on the errors that make this fail; the first error is the one to report.
    }
  }

  #statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      if (this.#statements.size > 300) this.#statements.clear();
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guard<T>(action: () => T): T {
    // The binding ends the whole process when a closed connection is used.
    if (this.#closed) throw new StudioError('internal', `${this.file} was used after it had been closed.`);
    try {
      return action();
    } catch (error) {
      throw fromSqlError(error, this.file);
    }
  }

  /**
   * Closes the connection. The binding lets go of the file only when the statements are collected as garbage, so an open
   * transaction (the writer's lock is one) is ended here, and the log is folded into the file by who ends a session.
   */
  close(): void {
    if (this.#closed) return;
    this.#rollback();
    this.#closed = true;
    this.#statements.clear();
    this.#db.close();
  }
}

function requireStorable(params: readonly SqlValue[]): void {
  const wrong = params.find((value) => typeof value === 'string' && !isStorable(value));
  if (typeof wrong === 'string') throw saying('argument-invalid', 'text.unstorable', { text: visible(wrong) });
}

/** Runs statements over a file on a connection of their own, which lets go of the file at once: nothing is prepared. */
export function runOnce(file: string, sql: string): void {
  let db: Database.Database | null = null;
  try {
    db = new Database(file, { timeout: 5000 });
    db.exec(sql);
  } catch (error) {
    throw fromSqlError(error, file);
  } finally {
    db?.close();
  }
}
