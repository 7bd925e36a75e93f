// The shell of a report: one self-contained page whose own policy forbids every request and every script.
import { escape } from './html.ts';
import { styleSheet } from './theme.ts';

/** A part of a page that its navigation leads to. */
export interface Section {
  /** Unique in the page; letters, digits and dashes. */
  id: string;
  title: string;
  /** HTML. */
  body: string;
}

const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A headline number. */
export interface Stat {
  name: string;
  value: string;
  /** Set in the accent colour. */
  lead?: boolean;
}

/** The row of headline numbers. */
export function stats(items: readonly Stat[]): string {
  const cells = items.map(
    (s) => `<div${s.lead ? ' class="lead"' : ''}><dt>${escape(s.name)}</dt><dd>${escape(s.value)}</dd></div>`,
  );
  return `<dl class="stats">${cells.join('')}</dl>`;
}

/**
 * Puts a page together.
 * @param intro HTML under the title
 * @param hidden HTML before everything else (image definitions)
 */
export function page(
  title: string,
  subtitle: string,
  intro: string,
  sections: readonly Section[],
  hidden = '',
): string {
  const links = sections.map((s) => `<li><a href="#${s.id}">${escape(s.title)}</a></li>`);
  const parts = sections.map(
    (s) =>
      `<section id="${s.id}" aria-labelledby="${s.id}-h"><h2 id="${s.id}-h">${escape(s.title)}</h2>\n${s.body}</section>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${escape(title)}</title><style>${styleSheet}</style></head>
<body>${hidden}
<header><h1>${escape(title)}</h1><p class="sub">${escape(subtitle)}</p>${intro}</header>
<nav aria-label="Sections"><ul>${links.join('')}</ul></nav>
<main>${parts.join('\n')}</main>
<footer>TTFNet Studio. This file needs nothing else: it can be mailed, archived and printed.</footer>
</body></html>
`;
}
