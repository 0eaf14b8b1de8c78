// All episodes as the page holds them: found, filtered and sorted within a frame.

import type { SortKey } from './link';
import type { Columns } from './protocol';
import { ADVICES, type Advice, KINDS, type Kind } from './report';

const lines = (joined: string, count: number): string[] => (count === 0 ? [] : joined.split('\n'));

export class Evidence {
  readonly count: number;
  /** Paths, each once. */
  readonly files: string[];
  /** Per episode, who held it. */
  readonly holders: string[];
  /** Per file its episodes, in order of time. */
  readonly episodesOf: Uint32Array[];
  /** The first refusal of all, and the last end. */
  readonly begin: number;
  readonly end: number;
  private readonly hay: string[];
  private readonly keys: Partial<Record<SortKey, ArrayLike<number>>> = {};

  constructor(readonly columns: Columns) {
    this.count = columns.count;
    this.files = lines(columns.files, columns.count);
    this.holders = lines(columns.holders, columns.count);
    this.hay = lines(columns.hay, columns.count);
    const sizes = new Uint32Array(this.files.length);
    for (const file of columns.file) sizes[file]! += 1;
    this.episodesOf = Array.from(sizes, (size) => new Uint32Array(size));
    sizes.fill(0);
    let [begin, end] = [Infinity, -Infinity];
    for (let episode = 0; episode < this.count; episode += 1) {
      const file = columns.file[episode]!;
      this.episodesOf[file]![sizes[file]!++] = episode;
      begin = Math.min(begin, columns.first[episode]!);
      end = Math.max(end, columns.end[episode]!);
    }
    // A single point in time has no length to draw: give it a second.
    const isPoint = !(end - begin >= 1_000);
    this.begin = isPoint ? begin - 500_000 : begin;
    this.end = isPoint ? end + 500_000 : end;
  }

  path(episode: number): string {
    return this.files[this.columns.file[episode]!] ?? '';
  }

  held(episode: number): number {
    return this.columns.end[episode]! - this.columns.first[episode]!;
  }

  /** A place in the whole time, 0 to 1, as microseconds since 1970. */
  at(place: number): number {
    return this.begin + place * (this.end - this.begin);
  }

  /** Episodes in which every word of `search` is found, of that advice and kind. */
  matching(search: string, advice: Advice | null, kind: Kind | null): Uint32Array {
    const [wantedAdvice, wantedKind] = [advice && ADVICES.indexOf(advice), kind && KINDS.indexOf(kind)];
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const found = new Uint32Array(this.count);
    let size = 0;
    for (let episode = 0; episode < this.count; episode += 1) {
      if (wantedAdvice !== null && this.columns.advice[episode] !== wantedAdvice) continue;
      if (wantedKind !== null && this.columns.kind[episode] !== wantedKind) continue;
      const hay = this.hay[episode]!;
      if (words.every((word) => hay.includes(word))) found[size++] = episode;
    }
    return found.subarray(0, size);
  }

  /** Those of `episodes` that touch this part of the whole time. */
  within(episodes: Uint32Array, [from, to]: [number, number]): Uint32Array {
    if (from <= 0 && to >= 1) return episodes;
    const [begin, end] = [this.at(from), this.at(to)];
    return episodes.filter((episode) => this.columns.end[episode]! >= begin && this.columns.first[episode]! <= end);
  }

  /** `episodes` in that order; equal ones in order of time. */
  sorted(episodes: Uint32Array, sort: SortKey, descending: boolean): Uint32Array {
    const keys = (this.keys[sort] ??= this.keysOf(sort));
    const turn = descending ? -1 : 1;
    return episodes.slice().sort((a, b) => turn * (keys[a]! - keys[b]!) || a - b);
  }

  /** Per episode a number to sort by. */
  private keysOf(sort: SortKey): ArrayLike<number> {
    const { first, advice, kind, attempts, end, file } = this.columns;
    switch (sort) {
      case 'advice':
        return advice;
      case 'first':
        return first;
      case 'attempts':
        return attempts;
      case 'held':
        return end.map((end, episode) => end - first[episode]!);
      case 'kind': {
        const ranks = ranked(KINDS);
        return kind.map((kind) => ranks[kind] ?? 0);
      }
      case 'file': {
        const ranks = ranked(this.files);
        return file.map((file) => ranks[file]!);
      }
      case 'holder':
        return ranked(this.holders);
    }
  }
}

/** Where each text stands among all in the alphabet; nothing stands last. */
function ranked(texts: readonly string[]): Uint32Array {
  const order = new Intl.Collator('en', { numeric: true });
  const different = [...new Set(texts)].sort((a, b) => Number(a === '') - Number(b === '') || order.compare(a, b));
  const ranks = new Map(different.map((text, rank) => [text, rank]));
  return Uint32Array.from(texts, (text) => ranks.get(text)!);
}
