// Text into HTML without surprises: every value passes `escape`, whatever a class or file is called.

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Makes any text safe in element content and in quoted attributes; control characters that HTML forbids become U+FFFD. */
export function escape(text: string): string {
  // eslint's control-character rule is about literals; these are looked up by code
  return Array.from(
    text.replace(/[&<>"']/g, (c) => entities[c]!),
    (c) => (forbidden(c) ? '\uFFFD' : c),
  ).join('');
}

function forbidden(char: string): boolean {
  const code = char.codePointAt(0)!;
  const control = code < 32 && code !== 9 && code !== 10 && code !== 13;
  return control || (code >= 127 && code < 160) || (code >= 0xd800 && code <= 0xdfff);
}

/** A share 0 to 1 as three decimals, as AP is quoted; a dash where it is undefined. */
export function share(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '–' : value.toFixed(3);
}

/** A count with thin grouping: 12 345. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** Minutes as `3.4 min`, longer times as `2 h 05 min`. */
export function minutes(value: number): string {
  if (value < 100) return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} min`;
  return `${Math.floor(value / 60)} h ${String(Math.floor(value % 60)).padStart(2, '0')} min`;
}

/** A number with as many digits as its size deserves. */
export function short(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3)
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  return String(Number(value.toPrecision(4)));
}

/** A column of a table: its head, whether it holds numbers, and an optional explanation shown on hover. */
export interface Column {
  head: string;
  numeric?: boolean;
  title?: string;
}

/** A table from cells that are HTML already; numeric columns are set flush right. First cell of a row is its header. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], caption: string): string {
  const cls = (i: number): string => (columns[i]?.numeric ? ' class="n"' : '');
  const head = columns.map((c, i) => {
    const title = c.title ? ` title="${escape(c.title)}"` : '';
    return `<th scope="col"${cls(i)}${title}>${escape(c.head)}</th>`;
  });
  const body = rows.map((row) => {
    const cells = row.map((cell, i) =>
      i === 0 ? `<th scope="row"${cls(i)}>${cell}</th>` : `<td${cls(i)}>${cell}</td>`,
    );
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<div class="scroll"><table><caption class="sr">${escape(caption)}</caption><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

/** A share 0 to 1 as a number over a thin bar. */
export function bar(value: number | null): string {
  if (value === null) return '–';
  const width = Math.max(0, Math.min(1, value)) * 100;
  return `<span class="bar"><i style="width:${width.toFixed(1)}%"></i></span>${share(value)}`;
}

/** Hue of a class: golden-angle steps keep neighbours apart for any number of classes. */
export const classHue = (classId: number): number => Math.round((classId * 137.508 + 205) % 360);

/** A class name with its colour. */
export const className = (id: number, name: string): string =>
  `<span class="swatch" style="--h:${classHue(id)}"></span>${escape(name)}`;
