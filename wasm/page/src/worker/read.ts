// Files, read piece by piece as the browser has them.

import type { Progress } from '../protocol';
import { breathe } from './breathe';
import type { Examination } from './engine';

/** Milliseconds between two words on the progress, and between two looks whether to go on. */
const PACE = 100;
/** Bytes asked for at a time: what it takes to ask is little beside what it takes to read them. */
const PIECE = 1 << 22;
/** Pieces on their way at a time. */
const AHEAD = 3;

/** Feeds `file` to the examination; what was read is kept, however it ends. */
export async function readInto(
  examination: Examination,
  file: File,
  isCancelled: () => boolean,
  tell: (progress: Omit<Progress, 'file'>) => void,
  /** Told how many milliseconds the rest of the file will take. */
  between: (left: number) => void,
): Promise<void> {
  let at = 0;
  const began = performance.now();
  let told = began;
  const progress = (state: Progress['state'], format: string, trouble?: string) =>
    tell({
      state,
      bytes: at,
      total: file.size,
      format,
      lockFailures: Number(examination.lockFailures),
      ...(trouble !== undefined && { trouble }),
    });
  const breakOff = (state: 'broken' | 'cancelled', why: string) => {
    progress(state, examination.format, why);
    examination.broken(why);
  };
  examination.begin(file.name);
  progress('reading', '');
  const coming: Promise<ArrayBuffer>[] = [];
  const ask = (from: number) => {
    if (from >= file.size) return;
    const piece = file.slice(from, from + PIECE).arrayBuffer();
    // Whoever waits for it hears of a failure; that nobody waits yet is none.
    piece.catch(() => {});
    coming.push(piece);
  };
  for (let count = 0; count < AHEAD; count += 1) ask(count * PIECE);
  while (at < file.size) {
    let piece: Uint8Array;
    try {
      piece = new Uint8Array((await coming.shift()) ?? new ArrayBuffer(0));
    } catch (error) {
      return breakOff('broken', `reading broke off: ${(error as Error).message}`);
    }
    // Others come while this is read.
    ask(at + AHEAD * PIECE);
    examination.feed(piece);
    const isWhole = piece.byteLength === Math.min(PIECE, file.size - at);
    at += piece.byteLength;
    if (!isWhole) return breakOff('broken', 'reading broke off: the file has become shorter');
    if (performance.now() - told < PACE) continue;
    progress('reading', examination.format);
    between(((performance.now() - began) * (file.size - at)) / at);
    // Pieces that are there already would let no message in.
    await breathe();
    if (isCancelled()) return breakOff('cancelled', `reading was cancelled: ${file.size - at} bytes were not read`);
    told = performance.now();
  }
  // What it is, is only known of a short file once it has ended; then it is in the report.
  const { format } = examination;
  examination.end();
  progress('read', format);
}
