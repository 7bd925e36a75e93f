// Gathers the rows of one table of boxes by the image that they name.
import path from 'node:path';
import { said } from '../../shared/said.ts';
import type { Column, Table } from './csvColumns.ts';
import { plainText } from './csvText.ts';
import type { Description } from './described.ts';
import { isSplitName } from './imageIndex.ts';
import type { Report } from './report.ts';

/** An image while its rows come. */
interface Gathered extends Description {
  splits: string[];
}

/** The rows of one file. */
export class CsvRows {
  readonly #csv: string;
  readonly #table: Table;
  readonly #report: Report;
  readonly #near: string[];
  readonly #split: string | undefined;
  readonly #images = new Map<string, Gathered>();
  /** Whether every coordinate lies from 0 to 1, and whether some lies between. */
  #isSmall = true;
  #isFine = false;

  constructor(csv: string, table: Table, report: Report) {
    this.#csv = csv;
    this.#table = table;
    this.#report = report;
    this.#near = [path.dirname(csv)];
    const stem = path.basename(csv, path.extname(csv));
    this.#split = stem.split(/[_\-.]/).find(isSplitName);
  }

  /** Takes one row; `row` is its number in the file, from 1. */
  add(words: readonly string[], row: number): void {
    const word = (column: Column) => plainText(words[this.#table.columns[column] ?? -1]?.trim() ?? '');
    const image = this.#imageOf(word);
    this.#addSplits(image, word('split'));
    const label = word('name');
    if (label === '' && word('x1') === '') return; // the image holds nothing
    if (label === '') {
      this.#report.lose(this.#csv, 'unreadable', said('loss.csvClassless', { row: String(row) }));
      image.broken = true;
      return;
    }
    const [crowd, ignore] = [isSet(word('crowd')), isSet(word('ignore'))];
    image.boxes.push({ box: this.#boxOf(word), label, row, ...(crowd && { crowd }), ...(ignore && { ignore }) });
    if (isSet(word('truncated'))) this.#report.loseDetail(this.#csv, 'truncated');
    if (isSet(word('occluded'))) this.#report.loseDetail(this.#csv, 'occluded');
  }

  /** The rest of the file can't be read: no image of it is known to have all its boxes. */
  breakOff(): void {
    for (const image of this.#images.values()) image.broken = true;
  }

  /** The images with their boxes. Coordinates that all lie from 0 to 1 are shares of the image's size, which the report tells. */
  finish(): Description[] {
    const images = [...this.#images.values()];
    if (!this.#isSmall || !this.#isFine) return images;
    this.#report.lose(this.#csv, 'guessed', said('loss.csvShares', {}));
    for (const image of images) image.shares = true;
    return images;
  }

  #imageOf(word: (column: Column) => string): Gathered {
    const name = word('file');
    const known = this.#images.get(name);
    if (known) return known;
    const hint = this.#split === undefined ? {} : { hint: this.#split };
    const image: Gathered = {
      source: this.#csv,
      names: [{ name, near: this.#near, ...hint }],
      size: { width: Number(word('width')), height: Number(word('height')) },
      boxes: [],
      splits: [],
    };
    this.#images.set(name, image);
    return image;
  }

  #addSplits({ splits }: Gathered, column: string): void {
    const named = column === '' ? [this.#split ?? ''] : column.split(';').map((name) => name.trim());
    for (const name of named) if (name !== '' && !splits.includes(name)) splits.push(name);
  }

  #boxOf(word: (column: Column) => string): Description['boxes'][number]['box'] {
    const number = (column: Column) => this.#numberOf(word(column));
    const [x1, y1] = [number('x1'), number('y1')];
    const [x2, y2] = word('x2') === '' ? [x1 + number('w'), y1 + number('h')] : [number('x2'), number('y2')];
    for (const value of [x1, y1, x2, y2]) {
      this.#isSmall &&= value >= 0 && value <= 1;
      this.#isFine ||= value > 0 && value < 1;
    }
    return { x1, y1, x2, y2 };
  }

  /** A number; with a decimal comma where commas don't part the columns. */
  #numberOf(text: string): number {
    if (text === '') return NaN;
    return Number(this.#table.delimiter === ',' ? text : text.replace(',', '.'));
  }
}

const isSet = (word: string): boolean => /^(1|true|yes)$/i.test(word);
