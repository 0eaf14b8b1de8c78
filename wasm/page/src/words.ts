// Values for people, as the core words them.

import type { Holder, Path } from './report';

/** Control characters, and those that turn the direction of text, are shown as what they are: a name is one line. */
const STRANGE = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

export function printable(text: string): string {
  return text.replace(STRANGE, (c) => {
    const known = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[c];
    return known ?? `\\u{${c.codePointAt(0)!.toString(16)}}`;
  });
}

/** As {@link printable}, for records of several lines. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map((line) => line.split('\t').map(printable).join('\t')).join('\n');
}

export function pathWords(path: Path): string {
  if (typeof path === 'string') return printable(path);
  const bytes = Uint8Array.from(path.hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return printable(new TextDecoder().decode(bytes));
}

/** RFC 3339 to microseconds since 1970; NaN where it is none. */
export function micros(time: string): number {
  const dot = time.indexOf('.');
  if (dot < 0) return Date.parse(time) * 1000;
  const fraction = time.slice(dot + 1).match(/^\d+/)?.[0] ?? '';
  return Date.parse(time.slice(0, dot) + time.slice(dot + 1 + fraction.length)) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

/** A time in UTC: `2026-03-02 10:00:00.250`. */
export function timeWords(at: number): string {
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e18) return 'unknown';
  return new Date(at / 1000).toISOString().replace('T', ' ').replace('Z', '');
}

/** A length of time in microseconds, in the words of the core's `Span::words`. */
export function spanWords(span: number): string {
  const ms = Math.floor(span / 1000);
  const part = (of: number, unit: number, most: number) => Math.floor(of / unit) % most;
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 60_000) return `${Math.floor(ms / 1_000)}.${part(ms, 100, 10)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${part(ms, 1_000, 60)} s`;
  return `${Math.floor(ms / 3_600_000)} h ${part(ms, 60_000, 60)} min`;
}

const NUMBER = new Intl.NumberFormat('en');
export const number = (value: number | bigint): string => NUMBER.format(value);

export const counted = (value: number, what: string): string => `${number(value)} ${what}${value === 1 ? '' : 's'}`;

export function bytesWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** What a holder is called: name and process, or at least its address. */
export function holderName(holder: Holder): string {
  const words = printable(holder.name ?? '') + (holder.pid === null ? '' : ` (process ${holder.pid})`);
  if (!holder.address) return words.trim() || 'somebody';
  return words ? `${words} at ${printable(holder.address)}` : printable(holder.address);
}
