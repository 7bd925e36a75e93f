// Which column of a CSV means what: by its header, or by its shape where it has none; and what parts the columns.
import { parse } from 'csv-parse/sync';
import { maxEntryBytes } from './limits.ts';

/** How other tools' tables are parsed. */
export const csvOptions = {
  relax_column_count: true,
  relax_quotes: true,
  skip_empty_lines: true,
  bom: true,
  max_record_size: maxEntryBytes,
} as const;

/** Meanings of columns; `w` and `h` are the box's size, `width` and `height` the image's. */
export type Column =
  | 'file'
  | 'name'
  | 'width'
  | 'height'
  | 'x1'
  | 'y1'
  | 'x2'
  | 'y2'
  | 'w'
  | 'h'
  | 'split'
  | 'crowd'
  | 'ignore'
  | 'truncated'
  | 'occluded';

/** Places of the meanings in a row. */
export type Columns = Partial<Record<Column, number>>;

/** How to read a table of boxes. */
export interface Table {
  columns: Columns;
  delimiter: string;
  hasHeader: boolean;
}

// In each list the surest first: where a table has several, that one counts.
const synonyms: Record<Column, string> = {
  file: 'filename file_name image_name image_path img_path path image img file img_name frame image_id imageid',
  name: 'class label class_name label_name labelname classname category category_name name',
  width: 'width image_width img_width',
  height: 'height image_height img_height',
  x1: 'xmin x1 x_min left bbox_x bbox_x1 bbox_xmin xtl x',
  y1: 'ymin y1 y_min top bbox_y bbox_y1 bbox_ymin ytl y',
  x2: 'xmax x2 x_max right bbox_x2 bbox_xmax xbr',
  y2: 'ymax y2 y_max bottom bbox_y2 bbox_ymax ybr',
  w: 'bbox_width bbox_w w box_width',
  h: 'bbox_height bbox_h h box_height',
  split: 'split subset',
  crowd: 'crowd iscrowd is_crowd isgroupof',
  ignore: 'ignore difficult',
  truncated: 'truncated istruncated',
  occluded: 'occluded isoccluded',
};

const delimiters = [',', ';', '\t', '|'];

/** How to read the table whose first bytes are `head`; null when it isn't one of boxes. */
export function tableOf(head: string): Table | null {
  for (const delimiter of delimiters) {
    const first = firstRow(head, delimiter);
    const named = columnsOfHeader(first);
    const columns = named ?? columnsOfRow(first);
    if (columns) return { columns, delimiter, hasHeader: named !== null };
  }
  return null;
}

function firstRow(head: string, delimiter: string): string[] {
  try {
    return parse(head.slice(0, head.lastIndexOf('\n') + 1) || head, { ...csvOptions, delimiter, to: 1 })[0] ?? [];
  } catch {
    return [];
  }
}

/** Columns of a header that looks like one of boxes but isn't whole, and the meanings that it lacks; null for other tables. */
export function incompleteHeader(head: string): { columns: string[]; lacks: ('image' | 'class' | 'corners')[] } | null {
  for (const delimiter of delimiters) {
    const words = firstRow(head, delimiter);
    const found = meaningsOf(words);
    const lacks = [
      ...(found.file === undefined ? ['image' as const] : []),
      ...(found.name === undefined ? ['class' as const] : []),
      ...(hasBox(found) ? [] : ['corners' as const]),
    ];
    if (words.length > 1 && lacks.length > 0 && lacks.length < 3) return { columns: words, lacks };
  }
  return null;
}

function meaningsOf(header: readonly string[]): Columns {
  const words = header.map((word) =>
    word
      .trim()
      .toLowerCase()
      .replaceAll(/[\s-]+/g, '_'),
  );
  const columns: Columns = {};
  for (const [column, names] of Object.entries(synonyms) as [Column, string][]) {
    const at = names
      .split(' ')
      .map((name) => words.indexOf(name))
      .find((place) => place >= 0);
    if (at !== undefined) columns[column] = at;
  }
  return columns;
}

function hasBox({ x1, y1, x2, y2, w, h }: Columns): boolean {
  const far = (x2 !== undefined && y2 !== undefined) || (w !== undefined && h !== undefined);
  return x1 !== undefined && y1 !== undefined && far;
}

/** Columns that a header names; null when it names no image, class and box. */
export function columnsOfHeader(header: readonly string[]): Columns | null {
  const columns = meaningsOf(header);
  return columns.file !== undefined && columns.name !== undefined && hasBox(columns) ? columns : null;
}

const isNumber = (word: string | undefined) =>
  word !== undefined && /^\s*-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(word);

/**
 * Columns of a row without header: `path,x1,y1,x2,y2,class` (RetinaNet; `path,,,,,` holds nothing), TensorFlow's eight columns, or
 * makesense.ai's `label,x,y,w,h,image,width,height`; null for other rows.
 */
export function columnsOfRow(row: readonly string[]): Columns | null {
  const numbers = row.map(isNumber);
  const all = (...at: number[]) => at.every((i) => numbers[i]);
  if (row.length === 6 && (all(1, 2, 3, 4) || row.slice(1).every((word) => word.trim() === '')))
    return { file: 0, x1: 1, y1: 2, x2: 3, y2: 4, name: 5 };
  if (row.length !== 8) return null;
  if (all(1, 2, 4, 5, 6, 7) && !numbers[0])
    return { file: 0, width: 1, height: 2, name: 3, x1: 4, y1: 5, x2: 6, y2: 7 };
  if (all(1, 2, 3, 4, 6, 7)) return { name: 0, x1: 1, y1: 2, w: 3, h: 4, file: 5, width: 6, height: 7 };
  return null;
}
