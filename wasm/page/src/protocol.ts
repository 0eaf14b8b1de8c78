// What the page and its worker say to each other.

import type { KindWords } from '../../pkg/lockwait_wasm.js';
import type { Episode, Input, Summary } from './report';

/** All episodes, column by column: what the table, the search and the timeline need. Times are microseconds since 1970. */
export interface Columns {
  count: number;
  first: Float64Array;
  last: Float64Array;
  /** The release where it was seen, else the last refusal. */
  end: Float64Array;
  released: Uint8Array;
  attempts: Uint32Array;
  atLeast: Uint8Array;
  /** Places in `ADVICES`, `KINDS`, `CONFIDENCES`. */
  advice: Uint8Array;
  kind: Uint8Array;
  confidence: Uint8Array;
  /** The file of each episode: its place in `files`. */
  file: Uint32Array;
  /** Texts, each without a line end in it, joined by line ends: a copy of one text is quicker than of thousands. */
  files: string;
  holders: string;
  /** Per episode everything that the search looks at, in lower case. */
  hay: string;
  /** Times of attempts, and where those of each episode begin: `count + 1` numbers. None in a report that was imported. */
  ticks: Float64Array;
  tickOffsets: Uint32Array;
  /** Spans of holders, and where those of each episode begin: `count + 1` numbers. An open end is infinite. */
  holdFrom: Float64Array;
  holdTo: Float64Array;
  holdOffsets: Uint32Array;
}

/** What `explain` says of one code. */
export interface Meaning {
  code: string;
  name: string;
  meaning: string;
}

export interface Detail {
  episode: Episode;
  meanings: Meaning[];
}

/** Least and most; the wait in microseconds. */
export interface Outcome {
  attempts: [number, number];
  refusals: [number, number];
  events: [number, number];
  waited: [number, number] | null;
}

export type Export = 'json' | 'csv' | 'html';

/** How one file of the user's stands. */
export interface Progress {
  /** Which of the files handed over. */
  file: number;
  state: 'reading' | 'read' | 'broken' | 'cancelled' | 'imported';
  bytes: number;
  total: number;
  format: string;
  lockFailures: number;
  /** Why it could not be read, or not to its end. */
  trouble?: string;
}

export type Ask =
  /** Comes first; with the engine that an earlier worker has unpacked. */
  | { ask: 'start'; engine: WebAssembly.Module | null }
  | { ask: 'read'; files: File[]; /** The number of the first of them. */ from: number }
  | { ask: 'cancel' }
  | { ask: 'detail'; episode: number }
  /** What `policy` (JSON) would have made of all locks and of that of one `episode`. A newer question ends an older one. */
  | { ask: 'whatif'; policy: string; episode: number | null }
  | { ask: 'export'; form: Export; policy: string };

export type Answer =
  | { answer: 'ready'; engine: WebAssembly.Module; policy: string; kinds: readonly KindWords[] }
  | { answer: 'progress'; progress: Progress }
  | { answer: 'report'; inputs: Input[]; summary: Summary; columns: Columns; /** More is to come. */ partial: boolean; imported: boolean }
  | { answer: 'done' }
  | { answer: 'detail'; episode: number; detail: Detail }
  | { answer: 'whatif'; policy: string; all: Outcome; one: Outcome | null; done: boolean }
  | { answer: 'policy-fault'; policy: string; fault: string }
  | { answer: 'export'; form: Export; file: Blob }
  /** The engine is broken; the file it broke at, if any. */
  | { answer: 'failed'; why: string; file: number | null };
