// All episodes, in a table of which only the rows in sight exist.

import { useSignal, useSignalEffect } from '@preact/signals';
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { useEffect, useRef } from 'preact/hooks';
import type { SortKey } from '../link';
import { ADVICES, type Kind, KINDS } from '../report';
import { advice, chosen, descending, evidence, found, kind, rows, search, settled, sort, summary, zoom } from '../state';
import { counted, number, spanWords, timeWords } from '../words';
import { Icon, Mark } from './marks';
import { PathWords } from './PathWords';

const COLUMNS: { key: SortKey; name: string; class?: string }[] = [
  { key: 'advice', name: 'Advice' },
  { key: 'kind', name: 'Kind' },
  { key: 'file', name: 'File' },
  { key: 'first', name: 'First (UTC)' },
  { key: 'held', name: 'Held', class: 'number' },
  { key: 'attempts', name: 'Attempts', class: 'number' },
  { key: 'holder', name: 'Held by' },
];
/** What is most or longest is looked for first. */
const LARGEST_FIRST: SortKey[] = ['held', 'attempts'];
const narrow = matchMedia('(max-width: 700px)');

function order(key: SortKey): void {
  const same = sort.value === key;
  descending.value = same ? !descending.value : LARGEST_FIRST.includes(key);
  sort.value = key;
}

function Filters() {
  const known = evidence.value!;
  const counts = { act: summary.value!.act, 'cannot-tell': summary.value!.cannot_tell, ignore: summary.value!.ignore };
  const kinds = [...new Set(known.columns.kind)].map((kind) => KINDS[kind]!).sort();
  const [from, to] = settled.value;
  return (
    <div class="filters">
      <label class="search"><span class="unseen">Search</span>
        <input type="search" placeholder="Search: file, holder, code, program" spellcheck={false} autocomplete="off" value={search.value}
          onInput={(event) => (search.value = event.currentTarget.value)} />
      </label>
      <div class="buttons chips" role="group" aria-label="Advice">
        {ADVICES.map((one) => (
          <button type="button" key={one} class={`chip ${one}`} aria-pressed={advice.value === one} onClick={() => (advice.value = advice.value === one ? null : one)}>
            <Mark advice={one} /> {one.replace('-', ' ')} <span class="count">{number(counts[one])}</span>
          </button>
        ))}
      </div>
      <label class="kinds"><span class="unseen">Kind</span>
        <select value={kind.value ?? ''} onChange={(event) => (kind.value = (event.currentTarget.value || null) as Kind | null)}>
          <option value="">All kinds</option>
          {kinds.map((one) => <option key={one} value={one}>{one}</option>)}
        </select>
      </label>
      <span class="shown muted" aria-live="polite">{rows.value.length === known.count ? counted(known.count, 'episode') : `${number(rows.value.length)} of ${counted(known.count, 'episode')}`}</span>
      {(from > 0 || to < 1) && <button type="button" class="chip" onClick={() => (zoom.value = [0, 1])}>Only the time shown above <Icon name="close" /><span class="unseen">: show all of the time</span></button>}
    </div>
  );
}

export function Table() {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useRef<Virtualizer<HTMLDivElement, HTMLElement> | null>(null);
  const height = useSignal(narrow.matches ? 70 : 36);
  const tick = useSignal(0);
  /** The row that the keys are at. */
  const at = useSignal(0);
  const options = () => ({
    count: rows.peek().length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height.peek(),
    overscan: 8,
    // The heading stays on top of the rows.
    scrollMargin: height.peek(),
    scrollPaddingStart: height.peek(),
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => void (tick.value += 1),
  });
  useEffect(() => {
    const made = new Virtualizer<HTMLDivElement, HTMLElement>(options());
    virtual.current = made;
    const stop = made._didMount();
    made._willUpdate();
    tick.value += 1;
    const resized = () => {
      height.value = narrow.matches ? 70 : 36;
      made.setOptions(options());
      made.measure();
    };
    narrow.addEventListener('change', resized);
    return () => {
      narrow.removeEventListener('change', resized);
      stop();
    };
  }, []);
  useSignalEffect(() => {
    const count = rows.value.length;
    virtual.current?.setOptions(options());
    virtual.current?._willUpdate();
    at.value = Math.min(at.peek(), Math.max(0, count - 1));
    tick.value = tick.peek() + 1;
  });
  // What is searched for or sorted anew is read from its top.
  useSignalEffect(() => {
    void [found.value, sort.value, descending.value];
    scroller.current?.scrollTo({ top: 0 });
    at.value = 0;
  });

  void tick.value;
  const known = evidence.value!;
  const list = rows.value;
  const items = (virtual.current?.getVirtualItems() ?? []).filter((item) => item.index < list.length);
  const go = (to: number) => {
    at.value = Math.min(list.length - 1, Math.max(0, to));
    virtual.current?.scrollToIndex(at.value);
  };
  const choose = (index: number) => {
    const episode = list[index];
    if (episode === undefined) return;
    at.value = index;
    chosen.value = episode;
  };
  const page = () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 360) / height.value) - 2);
  const keys: Record<string, () => void> = {
    ArrowDown: () => go(at.value + 1),
    ArrowUp: () => go(at.value - 1),
    PageDown: () => go(at.value + page()),
    PageUp: () => go(at.value - page()),
    Home: () => go(0),
    End: () => go(list.length - 1),
    ' ': () => choose(at.value),
    Enter: () => {
      choose(at.value);
      document.getElementById('detail')?.focus();
    },
  };
  return (
    <section class="card episodes" id="episodes" aria-labelledby="episodes-title">
      <div class="head"><h2 id="episodes-title">Episodes</h2></div>
      <Filters />
      <div class="grid" ref={scroller} role="grid" aria-labelledby="episodes-title" aria-rowcount={list.length + 1} aria-colcount={COLUMNS.length}
        tabIndex={0} aria-activedescendant={list.length > 0 ? `row-${at.value}` : undefined}
        onKeyDown={(event) => {
          const act = event.target === event.currentTarget && !event.ctrlKey && !event.metaKey ? keys[event.key] : undefined;
          if (!act) return;
          event.preventDefault();
          act();
        }}>
        <div class="heading" role="rowgroup">
          <div class="row" role="row" aria-rowindex={1}>
            {COLUMNS.map((column) => {
              const isSorted = sort.value === column.key;
              return (
                <span key={column.key} role="columnheader" class={`cell ${column.key} ${column.class ?? ''}`} aria-sort={isSorted ? (descending.value ? 'descending' : 'ascending') : 'none'}>
                  <button type="button" class="plain" onClick={() => order(column.key)}>{column.name}<span class="arrow" aria-hidden="true">{isSorted ? (descending.value ? '▾' : '▴') : ''}</span></button>
                </span>
              );
            })}
          </div>
        </div>
        <div class="body" role="rowgroup">
          <div class="all" role="presentation" style={{ height: `${list.length * height.value}px` }}>
            {items.map((item) => (
              <Row key={list[item.index]} index={item.index} episode={list[item.index]!} top={item.start - height.value} isAt={item.index === at.value} choose={choose} />
            ))}
          </div>
          {list.length === 0 && <p class="muted none">{known.count === 0 ? 'No episode in what was read.' : 'No episode is like that.'}</p>}
        </div>
      </div>
    </section>
  );
}

interface RowProps {
  index: number;
  episode: number;
  top: number;
  isAt: boolean;
  choose: (index: number) => void;
}

function Row({ index, episode, top, isAt, choose }: RowProps) {
  const known = evidence.value!;
  const { advice, kind, first, attempts, atLeast, released } = known.columns;
  const word = ADVICES[advice[episode]!]!;
  const cells: Record<SortKey, preact.ComponentChildren> = {
    advice: <><Mark advice={word} /> {word.replace('-', ' ')}</>,
    kind: KINDS[kind[episode]!],
    file: <PathWords path={known.path(episode)} />,
    first: timeWords(first[episode]!).slice(0, 19),
    held: `${released[episode] ? '' : '≥ '}${spanWords(known.held(episode))}`,
    attempts: `${atLeast[episode] ? '≥ ' : ''}${number(attempts[episode]!)}`,
    holder: known.holders[episode] ? <bdi>{known.holders[episode]}</bdi> : <span class="muted">nobody seen</span>,
  };
  return (
    <div class={`row${isAt ? ' at' : ''}`} role="row" id={`row-${index}`} aria-rowindex={index + 2} aria-selected={chosen.value === episode}
      style={{ transform: `translateY(${top}px)` }} onClick={() => choose(index)}>
      {COLUMNS.map(({ key, class: kindOf }) => (
        <span key={key} role="gridcell" class={`cell ${key} ${kindOf ?? ''} ${key === 'advice' ? word : ''}`}>{cells[key]}</span>
      ))}
    </div>
  );
}
