// The timeline for who cannot see it: what it shows now, in words.

import { useSignal } from '@preact/signals';
import { evidence, found, settled } from '../state';
import { counted } from '../words';
import { lanes } from './lanes';
import { episodeWords } from './sentence';

/** Lanes and episodes of each that are told. */
const LANES = 50;
const EPISODES = 20;

export function InWords() {
  const open = useSignal(false);
  return (
    <details onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>The timeline in words</summary>
      {open.value && <Words />}
    </details>
  );
}

function Words() {
  const known = evidence.value!;
  const shown = new Set(known.within(found.value, settled.value));
  const { files } = lanes(known, Uint32Array.from(shown));
  return (
    <>
      <p>{counted(files.length, 'file')} with {counted(shown.size, 'episode')} in this part of the time{files.length > LANES && `; the first ${LANES} files`}:</p>
      <ul class="in-words" tabIndex={0} aria-label="Files of the timeline">
        {[...files.subarray(0, LANES)].map((file) => {
          const episodes = known.episodesOf[file]!.filter((episode) => shown.has(episode));
          return (
            <li key={file}>
              <bdi class="path">{known.files[file]}</bdi>
              <ul>
                {[...episodes.subarray(0, EPISODES)].map((episode) => <li key={episode}>{episodeWords(known, episode)}</li>)}
                {episodes.length > EPISODES && <li>and {episodes.length - EPISODES} more: see the table</li>}
              </ul>
            </li>
          );
        })}
      </ul>
    </>
  );
}
