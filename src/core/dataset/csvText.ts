// Text of CSV cells: rows as a spreadsheet may open them, without running somebody's file or class name as a formula.
import { stringify } from 'csv-stringify/sync';

/** What spreadsheets take for the beginning of a formula; the wide ones do so where Chinese or Japanese is written. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/;

/** A formula behind apostrophes of its own: one more tells it from a text that was made harmless. */
const quoted = /^'+[=+\-@\t\r\n＝＋－＠]/;

/**
 * One row as CSV. A text that a spreadsheet would run as a formula gets an apostrophe in front, which spreadsheets take for "this is
 * text"; {@link plainText} takes it away. Numbers stay.
 * @param raw leaves such texts as they are
 */
export function csvLine(row: readonly (string | number)[], raw = false): string {
  return stringify([row.map((cell) => (typeof cell === 'string' ? harmless(cell, raw) : cell))]);
}

/** Whether {@link csvLine} writes the text with an apostrophe in front. */
export const isFormula = (text: string): boolean => formula.test(text);

/** The text of a cell that {@link csvLine} wrote, `raw` or not. */
export const plainText = (cell: string): string => (quoted.test(cell) ? cell.slice(1) : cell);

/** A text with an apostrophe of its own in front of such a character gets another one even when `raw`: else it would be read back without. */
const harmless = (text: string, raw: boolean): string =>
  quoted.test(text) || (!raw && formula.test(text)) ? `'${text}` : text;
