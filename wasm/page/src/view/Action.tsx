// What needs somebody, and what to do: one remedy for all files of a kind.

import { advice, chosen, evidence, kind, kinds, partial, search } from '../state';
import { ADVICES, KINDS } from '../report';
import { counted, spanWords, timeWords } from '../words';
import { Mark } from './marks';
import { PathWords } from './PathWords';

/** Episodes of a kind that are named at once. */
const NAMED = 4;

export function Action() {
  const known = evidence.value!;
  const groups = new Map<number, number[]>();
  known.columns.advice.forEach((advice, episode) => {
    if (ADVICES[advice] !== 'act') return;
    const kind = known.columns.kind[episode]!;
    const group = groups.get(kind);
    if (group) group.push(episode);
    else groups.set(kind, [episode]);
  });
  const sorted = [...groups].sort((a, b) => b[1].length - a[1].length);
  const others = known.columns.advice.filter((advice) => ADVICES[advice] === 'cannot-tell').length;
  return (
    <section aria-labelledby="action-title" class="action">
      <h2 id="action-title">What needs action</h2>
      {sorted.length === 0 && (
        <p class="card calm"><Mark advice="ignore" /> {known.count === 0 ? 'No file was refused for a lock\'s sake in what was read.' : 'Nothing: no lock in this evidence needs you.'}{partial.value && ' So far.'}</p>
      )}
      <div class="groups">
        {sorted.map(([kind, episodes]) => <Group key={kind} kind={kind} episodes={episodes} />)}
      </div>
      {others > 0 && (
        <p class="muted">
          {counted(others, 'lock')} {others === 1 ? 'is' : 'are'} not decided by this evidence: <button type="button" class="plain" onClick={() => filter('cannot-tell', null)}>see what would tell</button>.
        </p>
      )}
    </section>
  );
}

function filter(wanted: typeof advice.value, of: typeof kind.value): void {
  advice.value = wanted;
  kind.value = of;
  search.value = '';
  document.getElementById('episodes')?.scrollIntoView({ block: 'start' });
}

function show(episode: number): void {
  chosen.value = episode;
  const detail = document.getElementById('detail');
  detail?.scrollIntoView({ block: 'nearest' });
  detail?.focus({ preventScroll: true });
}

function Group({ kind: of, episodes }: { kind: number; episodes: number[] }) {
  const known = evidence.value!;
  const name = KINDS[of]!;
  const words = kinds.value.get(name);
  // The longest matter most.
  const named = episodes.slice().sort((a, b) => known.held(b) - known.held(a)).slice(0, NAMED);
  return (
    <article class="card group act">
      <h3><Mark advice="act" /> {words?.meaning ?? name} <span class="count">{counted(episodes.length, 'lock')}</span></h3>
      <p class="remedy">{words?.remedy}</p>
      <ul>
        {named.map((episode) => (
          <li key={episode}>
            <button type="button" class="plain path" onClick={() => show(episode)}><PathWords path={known.path(episode)} /></button>
            <span class="muted small">
              {timeWords(known.columns.first[episode]!).slice(0, 19)}, held {known.columns.released[episode] ? '' : 'at least '}{spanWords(known.held(episode))}
              {known.holders[episode] ? <> by <bdi>{known.holders[episode]}</bdi></> : ''}
            </span>
          </li>
        ))}
      </ul>
      {episodes.length > NAMED && <button type="button" class="plain" onClick={() => filter('act', name)}>All {episodes.length} in the table</button>}
    </article>
  );
}
