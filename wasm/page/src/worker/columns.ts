// A report, column by column.

import type { Columns } from '../protocol';
import { ADVICES, CONFIDENCES, KINDS, type Report } from '../report';
import { holderName, micros, pathWords, printable } from '../words';

/** Times of attempts as the engine gives them. */
export interface Ticks {
  ticks: BigUint64Array;
  offsets: Uint32Array;
}

export function columns(report: Report, known: Ticks | null): Columns {
  const { episodes } = report;
  const count = episodes.length;
  const holds = episodes.reduce((sum, episode) => sum + episode.holders.length, 0);
  const made: Columns = {
    count,
    first: new Float64Array(count),
    last: new Float64Array(count),
    end: new Float64Array(count),
    released: new Uint8Array(count),
    attempts: new Uint32Array(count),
    atLeast: new Uint8Array(count),
    advice: new Uint8Array(count),
    kind: new Uint8Array(count),
    confidence: new Uint8Array(count),
    file: new Uint32Array(count),
    files: '',
    holders: '',
    hay: '',
    ticks: known ? Float64Array.from(known.ticks, Number) : new Float64Array(0),
    tickOffsets: known ? known.offsets.slice() : new Uint32Array(count + 1),
    holdFrom: new Float64Array(holds),
    holdTo: new Float64Array(holds),
    holdOffsets: new Uint32Array(count + 1),
  };
  const files = new Map<string, number>();
  const holders: string[] = [];
  const hay: string[] = [];
  let hold = 0;
  episodes.forEach((episode, index) => {
    const { verdict } = episode;
    const path = pathWords(episode.path);
    const file = files.get(path) ?? files.size;
    files.set(path, file);
    made.file[index] = file;
    made.first[index] = micros(episode.first);
    made.last[index] = micros(episode.last);
    made.end[index] = micros(episode.released ?? episode.last);
    made.released[index] = episode.released === null ? 0 : 1;
    made.attempts[index] = episode.attempts;
    made.atLeast[index] = episode.attempts_is_lower_bound ? 1 : 0;
    made.advice[index] = ADVICES.indexOf(verdict.advice);
    made.kind[index] = KINDS.indexOf(verdict.kind);
    made.confidence[index] = CONFIDENCES.indexOf(verdict.confidence);
    for (const holder of episode.holders) {
      if (holder.from === null) continue;
      made.holdFrom[hold] = micros(holder.from);
      made.holdTo[hold] = holder.to === null ? Infinity : micros(holder.to);
      hold += 1;
    }
    made.holdOffsets[index + 1] = hold;
    const who = [...new Set(episode.holders.map(holderName))].join(', ');
    holders.push(who);
    const codes = Object.keys(episode.codes).join(' ');
    hay.push([path, verdict.advice, verdict.kind, codes, who, printable(episode.actor)].join('\t').toLowerCase());
  });
  made.files = [...files.keys()].join('\n');
  made.holders = holders.join('\n');
  made.hay = hay.join('\n');
  return made;
}

/** What may be handed over instead of being copied. */
export function buffers(made: Columns): ArrayBuffer[] {
  return Object.values(made).filter(ArrayBuffer.isView).map((view) => view.buffer as ArrayBuffer);
}
