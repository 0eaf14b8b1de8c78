import type { Evidence } from '../evidence';
import { ADVICES, KINDS } from '../report';
import { counted, spanWords, timeWords } from '../words';

/** An episode in words, without its file. */
export function episodeWords(known: Evidence, episode: number): string {
  const { advice, kind, first, released, attempts, atLeast } = known.columns;
  const words = `${ADVICES[advice[episode]!]}, ${KINDS[kind[episode]!]}: ${timeWords(first[episode]!)}`;
  const least = released[episode] ? '' : 'at least ';
  const times = `${atLeast[episode] ? 'at least ' : ''}${counted(attempts[episode]!, 'attempt')}`;
  return `${words}, held ${least}${spanWords(known.held(episode))}, ${times}`;
}
