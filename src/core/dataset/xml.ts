// Reads and writes the little XML that VOC and CVAT need: strictly, with the line of every mistake. No schemas, no entities of one's own.
import { saying, type StudioError } from '../../shared/errors.ts';
import { maxDepth, tooDeep } from './limits.ts';

/** An element: its text (references decoded, pieces joined), its attributes, its children in order. */
export interface XmlNode {
  name: string;
  text: string;
  attributes: ReadonlyMap<string, string>;
  children: XmlNode[];
}

// One token: comment, CDATA, instruction, document type, end tag, start tag, text. No place of it may be matched in two ways: one that is
// never closed would take the square of its length.
const token =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<!DOCTYPE[^>[]*(?:\[[^\]]*\][^>]*)?>|<\/([^\s<>/]+)\s*>|<([^\s<>/!?]+)((?:\s+[^\s=<>/"']+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;
const attributePattern = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/**
 * Parses a document and returns its root element. Errors: `annotation-invalid` with file and line; `firstLine` is the line on which `text`
 * begins when it is a piece of a file.
 */
export function parseXml(text: string, file: string, firstLine = 1): XmlNode {
  const document = element('', '');
  const open = [document];
  const scanner = new RegExp(token);
  for (let at = text.startsWith('\uFEFF') ? 1 : 0; at < text.length; at = scanner.lastIndex) {
    scanner.lastIndex = at;
    const match = scanner.exec(text);
    if (open.length > maxDepth) throw tooDeep(file);
    const problem = match ? accept(match, open) : `"${text.slice(at, at + 20)}" is no tag`;
    if (problem !== null) throw invalid(problem, text.slice(0, at), file, firstLine);
  }
  const last = open.at(-1)!;
  if (last !== document) throw invalid(`the file ends before </${last.name}>`, text, file, firstLine);
  const root = document.children[0];
  if (!root || document.children.length > 1)
    throw invalid('there must be one outermost element', text, file, firstLine);
  return root;
}

/** Takes one token into the open elements; what is wrong with it, or null. */
function accept(match: RegExpExecArray, open: XmlNode[]): string | null {
  const [, cdata, endName, startName, attributes = '', slash, text] = match;
  const parent = open.at(-1)!;
  if (startName !== undefined) {
    const node = element(startName, attributes);
    parent.children.push(node);
    if (slash === '') open.push(node);
  } else if (endName !== undefined) {
    if (open.length === 1 || parent.name !== endName) return `</${endName}> closes nothing`;
    open.pop();
  } else if (cdata !== undefined) parent.text += cdata;
  else if (text !== undefined) {
    if (open.length === 1 && text.trim() !== '') return 'there is text outside of all elements';
    parent.text += decode(text);
  }
  return null;
}

const none: ReadonlyMap<string, string> = new Map();

function element(name: string, written: string): XmlNode {
  if (written === '') return { name, text: '', attributes: none, children: [] };
  const attributes = new Map<string, string>();
  for (const [, key, double, single] of written.matchAll(attributePattern))
    attributes.set(key!, decode(double ?? single ?? ''));
  return { name, text: '', attributes, children: [] };
}

function invalid(problem: string, before: string, file: string, firstLine: number): StudioError {
  const line = firstLine + before.split('\n').length - 1;
  return saying('annotation-invalid', 'annotation.xml', { file, line: String(line), detail: problem });
}

/** Children of that name. */
export function children(node: XmlNode | undefined, name: string): XmlNode[] {
  return node?.children.filter((node) => node.name === name) ?? [];
}

/** The first child of that name. */
export function child(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return node?.children.find((node) => node.name === name);
}

/** Text of a child element, trimmed; '' when absent. */
export function childText(node: XmlNode | undefined, name: string): string {
  return child(node, name)?.text.trim() ?? '';
}

/** An attribute's value; '' when absent. */
export function attribute(node: XmlNode, name: string): string {
  return node.attributes.get(name) ?? '';
}

const named = new Map(Object.entries({ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }));

function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(
    /&(?:#(\d+)|#[xX]([0-9a-fA-F]+)|(\w+));/g,
    (all, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return named.get(name) ?? all;
      const code = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}

const escapes: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&apos;' };

/** Text safe in elements and attributes; line breaks and tabs as references, since attributes would lose them. */
export function escapeXml(text: string): string {
  return text.replaceAll(/[<>&"'\t\n\r]/g, (c) => escapes[c] ?? `&#${c.charCodeAt(0)};`);
}

/** The text without the characters that XML 1.0 can't hold at all (control characters, lone surrogates). */
export function xmlText(text: string): string {
  return Array.from(text)
    .filter((c) => isXmlCharacter(c.codePointAt(0)!))
    .join('');
}

function isXmlCharacter(code: number): boolean {
  if (code < 0x20) return code === 9 || code === 10 || code === 13;
  return code < 0xd800 || (code > 0xdfff && code < 0xfffe) || code > 0xffff;
}
