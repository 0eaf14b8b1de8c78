// Which lanes there are: one for each file with an episode that is shown, the most urgent first.

import type { Evidence } from '../evidence';

export interface Lanes {
  /** Files, from the top. */
  files: Uint32Array;
  /** Per episode, whether it is shown. */
  shown: Uint8Array;
}

export function lanes(evidence: Evidence, found: Uint32Array): Lanes {
  const { advice, file } = evidence.columns;
  const shown = new Uint8Array(evidence.count);
  const urgency = new Uint8Array(evidence.files.length).fill(255);
  const order: number[] = [];
  for (const episode of found) {
    shown[episode] = 1;
    const lane = file[episode]!;
    if (urgency[lane] === 255) order.push(lane);
    urgency[lane] = Math.min(urgency[lane]!, advice[episode]!);
  }
  // `found` is in order of time, and so are lanes of the same urgency.
  order.sort((a, b) => urgency[a]! - urgency[b]!);
  return { files: Uint32Array.from(order), shown };
}
