// The timeline: a lane for each file. Zoomed and moved by wheel, drag, brush, buttons and keys.

import { effect, useSignal } from '@preact/signals';
import { brushX, type D3BrushEvent } from 'd3-brush';
import { select } from 'd3-selection';
import { type D3ZoomEvent, zoom as d3zoom, zoomIdentity } from 'd3-zoom';
import { useEffect, useRef } from 'preact/hooks';
import type { Evidence } from '../evidence';
import { ADVICES } from '../report';
import { chosen, evidence, found, imported, zoom } from '../state';
import { counted, timeWords } from '../words';
import { Icon, Mark } from '../view/marks';
import { painted } from '../view/theme';
import { AXIS, draw, drawOverview, type Frame, hit, laneHeight, look, patterns } from './draw';
import { type Lanes, lanes } from './lanes';
import { InWords } from './InWords';
import { episodeWords } from './sentence';

/** The overview's height in pixels; the least part of the time that is shown, in microseconds. */
const OVERVIEW = 36;
const LEAST = 10_000;
/** How much of the shown time a key moves, and by how much it zooms. */
const STEP = 0.15;
const ZOOM = 1.6;

/** The part of the time around its middle, `factor` times as long. */
export function zoomed([from, to]: [number, number], factor: number, least: number): [number, number] {
  const length = Math.min(1, Math.max(least, (to - from) * factor));
  const begin = Math.min(1 - length, Math.max(0, (from + to) / 2 - length / 2));
  return [begin, begin + length];
}

/** The same length of time, moved by a part of itself. */
export function moved([from, to]: [number, number], by: number): [number, number] {
  const length = to - from;
  const begin = Math.min(1 - length, Math.max(0, from + by * length));
  return [begin, begin + length];
}

const leastOf = (known: Evidence): number => Math.min(1, LEAST / (known.end - known.begin));

/** Everything that paints and listens on the elements; gone when the returned function is called. */
function attach(root: HTMLElement, tip: HTMLElement, say: (words: string) => void): () => void {
  const scroller = root.querySelector<HTMLElement>('.lanes')!;
  const spacer = root.querySelector<HTMLElement>('.spacer')!;
  const canvas = root.querySelector<HTMLCanvasElement>('.lanes canvas')!;
  const strip = root.querySelector<HTMLCanvasElement>('.overview canvas')!;
  const svg = root.querySelector<SVGSVGElement>('.overview svg')!;
  const pen = canvas.getContext('2d')!;
  const stripPen = strip.getContext('2d')!;
  let colours = look(root);
  let fills = patterns(pen, colours);
  let rows: Lanes = { files: new Uint32Array(0), shown: new Uint8Array(0) };
  let frame: Frame | null = null;
  let [width, height, names] = [0, 0, 0];
  let due = 0;
  let coloured = painted.peek();

  const shownFrame = (known: Evidence): Frame => ({
    width, height, names,
    begin: known.at(zoom.value[0]),
    end: known.at(zoom.value[1]),
    scroll: scroller.scrollTop,
    chosen: chosen.value,
  });
  const paint = () => {
    cancelAnimationFrame(due);
    due = 0;
    const known = evidence.value;
    if (!known || width === 0) return;
    frame = shownFrame(known);
    draw(pen, known, rows, frame, colours, fills);
  };
  const paintSoon = () => (due ||= requestAnimationFrame(paint));
  const paintOverview = () => {
    const known = evidence.value;
    if (known && width > 0) drawOverview(stripPen, known, found.value, width - names, OVERVIEW, colours);
  };

  // The wheel zooms with Control, moves with Shift, and else scrolls. One finger scrolls, two zoom.
  const moves = d3zoom<HTMLElement, unknown>()
    .filter((event: Event) => {
      if (event instanceof WheelEvent) return event.ctrlKey || event.metaKey;
      if (event instanceof MouseEvent) return event.button === 0 && event.offsetX < scroller.clientWidth;
      return (event as TouchEvent).touches.length > 1;
    })
    .on('start', () => scroller.classList.add('moving'))
    .on('end', () => scroller.classList.remove('moving'))
    .on('zoom', (event: D3ZoomEvent<HTMLElement, unknown>) => {
      if (!event.sourceEvent) return;
      const { k, x } = event.transform;
      const from = Math.max(0, ((names - x) / k - names) / room());
      zoom.value = [from, Math.min(1, from + 1 / k)];
      if (event.sourceEvent instanceof MouseEvent && event.sourceEvent.type === 'mousemove') scroller.scrollTop -= event.sourceEvent.movementY;
    });
  const brush = brushX<unknown>().on('brush end', (event: D3BrushEvent<unknown>) => {
    if (!event.sourceEvent) return;
    const range = event.selection as [number, number] | null;
    const known = evidence.value;
    if (!known) return;
    if (!range || range[1] - range[0] < 2) {
      if (event.type === 'end') zoom.value = [0, 1];
      return;
    }
    zoom.value = [range[0] / room(), range[1] / room()];
  });
  const room = () => Math.max(1, width - names);
  /** Tells d3 where the zoom is, when something else moved it. */
  const follow = () => {
    if (width === 0) return;
    const [from, to] = zoom.value;
    const k = 1 / (to - from);
    select(scroller).property('__zoom', zoomIdentity.translate(names - k * (names + from * room()), 0).scale(k));
    const range = from <= 0 && to >= 1 ? null : [from * room(), to * room()];
    select(svg).select<SVGGElement>('g').call(brush.move as never, range);
  };

  const resize = () => {
    const box = scroller.getBoundingClientRect();
    width = scroller.clientWidth;
    height = scroller.clientHeight;
    names = box.width < 640 ? 0 : Math.min(300, Math.round(box.width * 0.27));
    root.style.setProperty('--names', `${names}px`);
    const ratio = window.devicePixelRatio || 1;
    for (const [sheet, across, down, of] of [[canvas, width, height, pen], [strip, room(), OVERVIEW, stripPen]] as const) {
      sheet.width = Math.round(across * ratio);
      sheet.height = Math.round(down * ratio);
      sheet.style.width = `${across}px`;
      sheet.style.height = `${down}px`;
      of.setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    moves.extent([[names, 0], [width, height]]).translateExtent([[names, -Infinity], [width, Infinity]]);
    svg.setAttribute('width', String(room()));
    brush.extent([[0, 0], [room(), OVERVIEW]]);
    select(svg).select<SVGGElement>('g').call(brush as never);
    follow();
    relane();
    paint();
  };
  /** The lanes are others. */
  const relane = () => {
    spacer.style.height = `${AXIS + rows.files.length * laneHeight(names)}px`;
    paintOverview();
  };

  const point = (event: MouseEvent): number | null => {
    const known = evidence.value;
    if (!known || !frame) return null;
    const box = scroller.getBoundingClientRect();
    return hit(known, rows, frame, event.clientX - box.left, event.clientY - box.top);
  };
  const hover = (event: MouseEvent) => {
    const known = evidence.value;
    const episode = event.buttons === 0 ? point(event) : null;
    tip.hidden = episode === null || !known;
    scroller.style.cursor = episode === null ? '' : 'pointer';
    if (episode === null || !known) return;
    tip.replaceChildren(
      Object.assign(document.createElement('strong'), { textContent: known.path(episode) }),
      Object.assign(document.createElement('span'), { textContent: episodeWords(known, episode) }),
      Object.assign(document.createElement('span'), { textContent: known.holders[episode] ? `held by ${known.holders[episode]}` : 'no holder seen' }),
    );
    const box = root.getBoundingClientRect();
    const left = Math.min(event.clientX - box.left + 14, box.width - tip.offsetWidth - 4);
    tip.style.left = `${Math.max(4, left)}px`;
    tip.style.top = `${event.clientY - box.top + 18}px`;
  };
  const leave = () => (tip.hidden = true);
  const click = (event: MouseEvent) => {
    const episode = point(event);
    if (episode !== null) chosen.value = episode;
  };
  const shift = (event: WheelEvent) => {
    if (!event.shiftKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    zoom.value = moved(zoom.value, (event.deltaX + event.deltaY) / room());
  };

  /** Chooses the episode before or after in its lane, or the nearest in another lane; and brings it into view. */
  const step = (lane: number, along: number) => {
    const known = evidence.value;
    if (!known || rows.files.length === 0) return;
    const { file, first } = known.columns;
    const from = chosen.value;
    const here = from === null ? -1 : rows.files.indexOf(file[from]!);
    const next = Math.min(rows.files.length - 1, Math.max(0, here < 0 ? 0 : here + lane));
    const there = known.episodesOf[rows.files[next]!]!.filter((episode) => rows.shown[episode]);
    if (there.length === 0) return;
    let place = 0;
    if (here >= 0 && lane === 0) place = Math.min(there.length - 1, Math.max(0, there.indexOf(from!) + along));
    else if (here >= 0) there.forEach((episode, index) => {
      if (Math.abs(first[episode]! - first[from!]!) < Math.abs(first[there[place]!]! - first[from!]!)) place = index;
    });
    const episode = there[place]!;
    chosen.value = episode;
    const y = AXIS + next * laneHeight(names);
    if (y < scroller.scrollTop + AXIS) scroller.scrollTop = y - AXIS;
    if (y + laneHeight(names) > scroller.scrollTop + height) scroller.scrollTop = y + laneHeight(names) - height;
    const at = (first[episode]! - known.begin) / (known.end - known.begin);
    const [begin, end] = zoom.value;
    if (at < begin || at > end) zoom.value = moved(zoom.value, (at - (begin + end) / 2) / (end - begin));
    say(`${known.path(episode)}: ${episodeWords(known, episode)}`);
  };
  const keys: Record<string, () => void> = {
    ArrowLeft: () => (zoom.value = moved(zoom.value, -STEP)),
    ArrowRight: () => (zoom.value = moved(zoom.value, STEP)),
    '+': () => (zoom.value = zoomed(zoom.value, 1 / ZOOM, leastOf(evidence.value!))),
    '=': () => keys['+']!(),
    '-': () => (zoom.value = zoomed(zoom.value, ZOOM, leastOf(evidence.value!))),
    '0': () => (zoom.value = [0, 1]),
    ArrowUp: () => step(-1, 0),
    ArrowDown: () => step(1, 0),
    p: () => step(0, -1),
    n: () => step(0, 1),
    Enter: () => document.getElementById('detail')?.focus(),
  };
  const key = (event: KeyboardEvent) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || !evidence.value) return;
    event.preventDefault();
    act();
  };

  select(scroller).call(moves).on('dblclick.zoom', null);
  scroller.addEventListener('scroll', paintSoon);
  scroller.addEventListener('mousemove', hover);
  scroller.addEventListener('mouseleave', leave);
  scroller.addEventListener('click', click);
  scroller.addEventListener('wheel', shift, { passive: false });
  scroller.addEventListener('keydown', key);
  // Called for the first time before the next frame, and not while the page is put together.
  const sizes = new ResizeObserver(resize);
  sizes.observe(scroller);
  const stops = [
    effect(() => {
      const known = evidence.value;
      if (!known) return;
      rows = lanes(known, found.value);
      moves.scaleExtent([1, 1 / leastOf(known)]);
      relane();
      paintSoon();
    }),
    effect(() => {
      void [zoom.value, chosen.value];
      follow();
      paintSoon();
    }),
    effect(() => {
      // The first colours are there already.
      if (painted.value === coloured) return;
      coloured = painted.value;
      colours = look(root);
      fills = patterns(pen, colours);
      paintOverview();
      paintSoon();
    }),
  ];
  return () => {
    stops.forEach((stop) => stop());
    sizes.disconnect();
    cancelAnimationFrame(due);
  };
}

export function Timeline() {
  const root = useRef<HTMLElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const said = useSignal('');
  useEffect(() => attach(root.current!, tip.current!, (words) => (said.value = words)), []);
  const known = evidence.value!;
  const [from, to] = zoom.value;
  const least = leastOf(known);
  const whole = from <= 0 && to >= 1;
  return (
    <section class="card timeline" ref={root} aria-labelledby="timeline-title">
      <div class="head">
        <h2 id="timeline-title">Timeline</h2>
        <p class="span">
          {timeWords(known.at(from))} <span class="muted">to</span> {timeWords(known.at(to))} <span class="muted">UTC</span>
        </p>
        <div class="buttons" role="group" aria-label="Part of the time">
          <button type="button" onClick={() => (zoom.value = moved(zoom.value, -0.5))} disabled={from <= 0} aria-label="Earlier"><Icon name="left" /></button>
          <button type="button" onClick={() => (zoom.value = moved(zoom.value, 0.5))} disabled={to >= 1} aria-label="Later"><Icon name="right" /></button>
          <button type="button" onClick={() => (zoom.value = zoomed(zoom.value, 1 / ZOOM, least))} aria-label="Zoom in"><Icon name="plus" /></button>
          <button type="button" onClick={() => (zoom.value = zoomed(zoom.value, ZOOM, least))} disabled={whole} aria-label="Zoom out"><Icon name="minus" /></button>
          <button type="button" onClick={() => (zoom.value = [0, 1])} disabled={whole}>All</button>
        </div>
      </div>
      <div class="overview">
        <canvas aria-hidden="true" />
        <svg height={OVERVIEW} aria-hidden="true"><g class="brush" /></svg>
      </div>
      <div class="lanes" tabIndex={0} role="group" aria-roledescription="timeline" aria-describedby="timeline-keys"
        aria-label={`Timeline of ${counted(known.files.length, 'file')}, ${counted(known.count, 'episode')}`}>
        <div class="spacer"><canvas aria-hidden="true" /></div>
      </div>
      <div class="tip" ref={tip} hidden aria-hidden="true" />
      <p class="key">
        {ADVICES.map((advice) => <span class="legend"><Mark advice={advice} /> <i class={`swatch ${advice}`} /> {advice.replace('-', ' ')}</span>)}
        <span class="legend"><i class="swatch hold" /> its holder</span>
        {!imported.value && <span class="legend"><i class="swatch ticks" /> attempts</span>}
      </p>
      <p id="timeline-keys" class="muted small">
        Drag, or Shift and wheel, to move; Control and wheel to zoom; drag over the strip above to pick a part: the table
        follows. Keys: ← → move, + − zoom, 0 all, ↑ ↓ and n p step through episodes, Enter reads one.
      </p>
      <p class="unseen" aria-live="polite">{said.value}</p>
      <InWords />
    </section>
  );
}
