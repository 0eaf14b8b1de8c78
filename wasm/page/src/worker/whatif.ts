// What another policy would have made of the same locks, asked of the engine one episode after another.
//
// Thousands of episodes take a while: in between, newer questions are let in, and end this one.

import type { Outcome } from '../protocol';
import { breathe } from './breathe';
import type { Report, WhatIf } from './engine';

/** Milliseconds of work between two looks for a newer question. */
const SLICE = 30;

const pair = ([least, most]: readonly [bigint, bigint]): [number, number] => [Number(least), Number(most)];

function outcome(answer: WhatIf): Outcome {
  return {
    attempts: pair(answer.attempts),
    refusals: pair(answer.refusals),
    events: pair(answer.events),
    waited: answer.waitedUs && pair(answer.waitedUs),
  };
}

function add(sum: Outcome, one: Outcome): Outcome {
  const plus = (a: [number, number], b: [number, number]): [number, number] => [a[0] + b[0], a[1] + b[1]];
  const { waited } = sum;
  return {
    attempts: plus(sum.attempts, one.attempts),
    refusals: plus(sum.refusals, one.refusals),
    events: plus(sum.events, one.events),
    waited: waited && one.waited
      ? [Math.max(waited[0], one.waited[0]), Math.max(waited[1], one.waited[1])]
      : (waited ?? one.waited),
  };
}

/**
 * Sums the outcomes of all `count` episodes; `tell` hears of the sum so far and whether it is all.
 * Ends without a word more once `isOver` says so.
 */
export async function whatIf(
  report: Report,
  count: number,
  policy: string,
  episode: number | null,
  isOver: () => boolean,
  tell: (all: Outcome, one: Outcome | null, done: boolean) => void,
): Promise<void> {
  let all: Outcome = { attempts: [0, 0], refusals: [0, 0], events: [0, 0], waited: null };
  const one = episode === null ? null : outcome(report.whatIf(policy, episode));
  let since = performance.now();
  for (let index = 0; index < count; index += 1) {
    all = add(all, outcome(report.whatIf(policy, index)));
    if (performance.now() - since > SLICE) {
      tell(all, one, false);
      await breathe();
      if (isOver()) return;
      since = performance.now();
    }
  }
  tell(all, one, true);
}
