// A report that was exported, read again. It is foreign input: every field is checked.

import { ADVICES, CONFIDENCES, KINDS, type Report, SCHEMA } from '../report';

/** What an exported report begins with. */
export const HEAD = `{"schema":"${SCHEMA}"`;

/** A check of one value; it says where in the report what is wrong. */
type Check = (value: unknown, where: string) => void;

const is = (what: string, holds: (value: unknown) => boolean): Check => (value, where) => {
  if (!holds(value)) throw new Error(`${where} is not ${what}`);
};
const text = is('a text', (value) => typeof value === 'string');
const count = is('a count', (value) => Number.isInteger(value) && (value as number) >= 0);
const integer = is('a whole number', Number.isInteger);
const flag = is('true or false', (value) => typeof value === 'boolean');
const time = is('a time', (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)));
const oneOf = (words: readonly string[]) => is(`one of ${words.join(', ')}`, (value) => words.includes(value as string));
const maybe = (check: Check): Check => (value, where) => {
  if (value !== null && value !== undefined) check(value, where);
};
const list = (check: Check): Check => (value, where) => {
  if (!Array.isArray(value)) throw new Error(`${where} is not a list`);
  value.forEach((item, index) => check(item, `${where}[${index}]`));
};
const values = (check: Check): Check => (value, where) => {
  if (typeof value !== 'object' || value === null) throw new Error(`${where} is not an object`);
  for (const [key, item] of Object.entries(value)) check(item, `${where}["${key.slice(0, 40)}"]`);
};
const record = (fields: Record<string, Check>): Check => (value, where) => {
  if (typeof value !== 'object' || value === null) throw new Error(`${where} is not an object`);
  for (const [name, check] of Object.entries(fields)) check((value as Record<string, unknown>)[name], `${where}.${name}`);
};
const path: Check = (value, where) => {
  if (typeof value !== 'string') record({ hex: text })(value, where);
};

const REPORT = record({
  schema: oneOf([SCHEMA]),
  inputs: list(record({ name: text, format: text, bytes: count, records: count, lock_failures: count, warnings: list(text) })),
  summary: record({ lock_failures: count, episodes: count, act: count, ignore: count, cannot_tell: count, sentence: text }),
  episodes: list(record({
    path,
    first: time,
    last: time,
    released: maybe(time),
    attempts: count,
    attempts_is_lower_bound: flag,
    interval_ms: maybe(count),
    codes: values(count),
    actor: text,
    holders: list(record({
      name: maybe(text), pid: maybe(count), address: maybe(text), access: maybe(text), share: maybe(text), from: maybe(time),
      to: maybe(time),
    })),
    verdict: record({
      advice: oneOf(ADVICES),
      kind: oneOf(KINDS),
      confidence: oneOf(CONFIDENCES),
      reasons: list(record({ name: text, weight: integer, text })),
      needs: maybe(text),
    }),
    records: list(text),
  })),
});

/** Reads an exported report; the error says what is wrong with it. */
export function imported(json: string): Report {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new Error(`it begins like a report of Lockwait and is no JSON: ${(error as Error).message}`);
  }
  REPORT(value, 'report');
  const report = value as Report;
  if (report.summary.episodes !== report.episodes.length) {
    throw new Error(`its summary counts ${report.summary.episodes} episodes, and it has ${report.episodes.length}`);
  }
  return report;
}
