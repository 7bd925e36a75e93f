// Which column of a CSV means what: by its header, or by its shape where it has none.

/** Meanings of columns; `w` and `h` are the box's size, `width` and `height` the image's. */
export type Column =
  'file' | 'name' | 'width' | 'height' | 'x1' | 'y1' | 'x2' | 'y2' | 'w' | 'h' | 'split' | 'crowd' | 'ignore';

/** Places of the meanings in a row. */
export type Columns = Partial<Record<Column, number>>;

const synonyms: Record<Column, string[]> = {
  file: [
    'filename',
    'image',
    'path',
    'image_path',
    'img',
    'img_path',
    'file',
    'image_id',
    'imageid',
    'file_name',
    'image_name',
  ],
  name: ['class', 'label', 'class_name', 'name', 'category', 'label_name', 'labelname', 'classname', 'category_name'],
  width: ['width', 'image_width', 'img_width'],
  height: ['height', 'image_height', 'img_height'],
  x1: ['xmin', 'x1', 'x_min', 'left', 'bbox_x', 'x', 'bbox_x1', 'xtl'],
  y1: ['ymin', 'y1', 'y_min', 'top', 'bbox_y', 'y', 'bbox_y1', 'ytl'],
  x2: ['xmax', 'x2', 'x_max', 'right', 'bbox_x2', 'xbr'],
  y2: ['ymax', 'y2', 'y_max', 'bottom', 'bbox_y2', 'ybr'],
  w: ['bbox_width', 'bbox_w', 'w', 'box_width'],
  h: ['bbox_height', 'bbox_h', 'h', 'box_height'],
  split: ['split', 'subset'],
  crowd: ['crowd', 'iscrowd', 'is_crowd'],
  ignore: ['ignore', 'difficult'],
};

/** Columns that a header names; null when it names no image, class and box. */
export function columnsOfHeader(header: readonly string[]): Columns | null {
  const words = header.map((word) => word.trim().toLowerCase());
  const columns: Columns = {};
  for (const [column, names] of Object.entries(synonyms) as [Column, string[]][]) {
    const at = words.findIndex((word) => names.includes(word));
    if (at >= 0) columns[column] = at;
  }
  const { file, name, x1, y1, x2, y2, w, h } = columns;
  const isBox =
    x1 !== undefined &&
    y1 !== undefined &&
    ((x2 !== undefined && y2 !== undefined) || (w !== undefined && h !== undefined));
  return file !== undefined && name !== undefined && isBox ? columns : null;
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
