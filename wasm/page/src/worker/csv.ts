// The report as CSV (RFC 4180), one row for each episode.

import type { Episode, Report } from '../report';
import { holderName, micros, pathWords, printable } from '../words';

const COLUMNS: [string, (episode: Episode) => string | number][] = [
  ['path', (e) => pathWords(e.path)],
  ['advice', (e) => e.verdict.advice],
  ['kind', (e) => e.verdict.kind],
  ['confidence', (e) => e.verdict.confidence],
  ['first', (e) => e.first],
  ['last', (e) => e.last],
  ['released', (e) => e.released ?? ''],
  ['held_ms', (e) => Math.floor((micros(e.released ?? e.last) - micros(e.first)) / 1000)],
  ['attempts', (e) => e.attempts],
  ['attempts_is_lower_bound', (e) => String(e.attempts_is_lower_bound)],
  ['interval_ms', (e) => e.interval_ms ?? ''],
  ['codes', (e) => Object.entries(e.codes).map(([code, count]) => `${count} x ${code}`).join('; ')],
  ['refused', (e) => printable(e.actor)],
  ['holders', (e) => e.holders.map(holderName).join('; ')],
  ['reasons', (e) => e.verdict.reasons.map((reason) => `${reason.name} ${reason.weight}`).join('; ')],
  ['needs', (e) => e.verdict.needs ?? ''],
];

/** A text that a spreadsheet would take for a formula is marked as text by an apostrophe, as spreadsheets do themselves. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csv(report: Report): string {
  const rows = report.episodes.map((episode) => COLUMNS.map(([, value]) => cell(value(episode))).join(','));
  // The mark at the beginning tells spreadsheets that this is UTF-8.
  return `\u{feff}${[COLUMNS.map(([name]) => name).join(','), ...rows].join('\r\n')}\r\n`;
}
