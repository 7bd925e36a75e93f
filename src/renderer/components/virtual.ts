// Which part of a long grid is in view: fixed-height rows, so that 100,000 items cost what is seen.

/** What a window onto a grid needs to know, in CSS pixels. */
export interface GridView {
  scrollTop: number;
  height: number;
  rowHeight: number;
  columns: number;
  total: number;
}

/** Items `first` to `last` (not included) are drawn, the first row `top` pixels down; the whole grid is `height` high. */
export interface GridWindow {
  first: number;
  last: number;
  top: number;
  height: number;
}

/** The rows in view with `spare` rows more at both ends. */
export function gridWindow(view: GridView, spare = 4): GridWindow {
  const rows = Math.ceil(view.total / Math.max(1, view.columns));
  const firstRow = Math.max(0, Math.min(rows, Math.floor(view.scrollTop / view.rowHeight) - spare));
  const lastRow = Math.min(rows, Math.ceil((view.scrollTop + view.height) / view.rowHeight) + spare);
  return {
    first: firstRow * view.columns,
    last: Math.min(view.total, Math.max(firstRow, lastRow) * view.columns),
    top: firstRow * view.rowHeight,
    height: rows * view.rowHeight,
  };
}

/** Where to scroll so that item `index` is in view, or null when it is already. */
export function scrollFor(view: GridView, index: number): number | null {
  const top = Math.floor(index / Math.max(1, view.columns)) * view.rowHeight;
  if (top < view.scrollTop) return Math.max(0, top - view.rowHeight / 2);
  const bottom = top + view.rowHeight;
  return bottom > view.scrollTop + view.height ? bottom - view.height + view.rowHeight / 2 : null;
}
