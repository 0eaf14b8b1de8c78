// Drawing of the timeline. What falls on one pixel is drawn once, so that a frame costs as much as it has pixels.

import { scaleUtc } from 'd3-scale';
import type { Evidence } from '../evidence';
import { ADVICES } from '../report';
import type { Lanes } from './lanes';

/** Measures in CSS pixels. */
export const AXIS = 24;
/** The height of a lane; where names have no room beside the lanes, they stand in them, above the bars. */
export const laneHeight = (names: number): number => (names > 0 ? 34 : 50);
const ABOVE = 16;
const BAR = { top: 11, height: 11 };
const HOLD = { top: 5, height: 3 };
const TICK = { top: 24, height: 6 };
const MARK = 9;
/** Two marks this near are drawn as one. */
const APART = 12;

export interface Look {
  ink: string;
  soft: string;
  line: string;
  surface: string;
  /** By place in `ADVICES`. */
  colours: string[];
  font: string;
}

export interface Frame {
  width: number;
  height: number;
  /** Pixels on the left that the names have; 0: a name stands in its lane, above the bars. */
  names: number;
  /** Microseconds since 1970 at the left and the right edge. */
  begin: number;
  end: number;
  /** How far the lanes are scrolled. */
  scroll: number;
  chosen: number | null;
}

/** The colours of the page, resolved: all put first and then all read, so that styles are worked out once. */
export function look(element: HTMLElement): Look {
  const names = ['ink', 'muted', 'line', 'surface', ...ADVICES];
  const probes = names.map((name) => {
    const probe = document.createElement('span');
    probe.style.color = `var(--${name})`;
    return probe;
  });
  element.append(...probes);
  const [ink, soft, line, surface, ...colours] = probes.map((probe) => getComputedStyle(probe).color) as [string, string, string, string];
  const font = getComputedStyle(element).fontFamily;
  probes.forEach((probe) => probe.remove());
  return { ink, soft, line, surface, colours, font };
}

/** Stripes for what needs action, dots for what cannot be told: shapes for who sees no colours. */
export function patterns(context: CanvasRenderingContext2D, { colours, surface }: Look): (CanvasPattern | string)[] {
  return ADVICES.map((advice, index) => {
    if (advice === 'ignore') return colours[index]!;
    const tile = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
    const pen = tile.getContext('2d')!;
    pen.fillStyle = colours[index]!;
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = surface;
    pen.fillStyle = surface;
    pen.globalAlpha = 0.55;
    if (advice === 'act') {
      pen.lineWidth = 1.6;
      for (const from of [-8, 0, 8]) {
        pen.moveTo(from, 8);
        pen.lineTo(from + 8, 0);
      }
      pen.stroke();
    } else {
      for (const [x, y] of [[2, 2], [6, 6]] as const) {
        pen.beginPath();
        pen.arc(x, y, 1.3, 0, 7);
        pen.fill();
      }
    }
    return context.createPattern(tile, 'repeat') ?? colours[index]!;
  });
}

function mark(pen: CanvasRenderingContext2D, advice: number, x: number, y: number, look: Look): void {
  const half = MARK / 2;
  pen.fillStyle = look.colours[advice]!;
  pen.strokeStyle = look.surface;
  pen.lineWidth = 2;
  pen.beginPath();
  if (ADVICES[advice] === 'act') {
    pen.moveTo(x, y - half);
    pen.lineTo(x + half, y + half);
    pen.lineTo(x - half, y + half);
    pen.closePath();
  } else if (ADVICES[advice] === 'ignore') {
    pen.arc(x, y, half - 0.5, 0, 7);
  } else {
    pen.moveTo(x, y - half - 1);
    pen.lineTo(x + half + 1, y);
    pen.lineTo(x, y + half + 1);
    pen.lineTo(x - half - 1, y);
    pen.closePath();
  }
  pen.stroke();
  pen.fill();
}

/** The end of a long name: what tells files apart stands there. */
function fitted(pen: CanvasRenderingContext2D, name: string, room: number): string {
  const most = Math.max(4, Math.floor(room / 4));
  let text = name.length > most ? `…${name.slice(-most)}` : name;
  let width = pen.measureText(text).width;
  while (width > room && text.length > 2) {
    // Step by what the average character is too wide.
    const cut = Math.max(1, Math.floor((text.length * (width - room)) / width));
    text = `…${text.slice(1 + cut)}`;
    width = pen.measureText(text).width;
  }
  return text;
}

export function draw(
  pen: CanvasRenderingContext2D,
  evidence: Evidence,
  lanes: Lanes,
  frame: Frame,
  look: Look,
  fills: (CanvasPattern | string)[],
): void {
  const { width, height, names, begin, end, scroll, chosen } = frame;
  const { first, end: ends, advice, ticks, tickOffsets, holdFrom, holdTo, holdOffsets } = evidence.columns;
  const room = width - names;
  const step = laneHeight(names);
  const scale = room / (end - begin);
  const place = (at: number) => names + (at - begin) * scale;
  const clamp = (x: number) => Math.min(width, Math.max(names, x));
  pen.clearRect(0, 0, width, height);
  pen.font = `12px ${look.font}`;
  pen.textBaseline = 'alphabetic';

  const axis = scaleUtc([new Date(begin / 1000), new Date(end / 1000)], [names, width]);
  const times = axis.ticks(Math.max(2, Math.floor(room / 110)));
  const format = axis.tickFormat();
  pen.fillStyle = look.line;
  for (const time of times) pen.fillRect(Math.round(axis(time)), AXIS - 5, 1, height);

  const top = Math.floor(scroll / step);
  const bottom = Math.min(lanes.files.length, Math.ceil((scroll + height - AXIS) / step));
  pen.save();
  pen.beginPath();
  pen.rect(0, AXIS, width, height - AXIS);
  pen.clip();
  for (let lane = top; lane < bottom; lane += 1) {
    const rowTop = AXIS + lane * step - scroll;
    const y = names > 0 ? rowTop : rowTop + ABOVE;
    const file = lanes.files[lane]!;
    pen.fillStyle = look.line;
    pen.fillRect(0, Math.round(rowTop + step) - 1, width, 1);
    pen.fillStyle = look.soft;
    let [holdDrawn, barDrawn, barAdvice, tickDrawn, marked] = [-1, -1, -1, -1, -1e9];
    const marks: [number, number][] = [];
    for (const episode of evidence.episodesOf[file]!) {
      if (!lanes.shown[episode] || ends[episode]! < begin || first[episode]! > end) continue;
      const kind = advice[episode]!;
      const from = clamp(place(first[episode]!));
      const to = Math.max(from + 3, clamp(place(ends[episode]!)));
      // A bar that adds no pixel of its own is passed over.
      if (to > barDrawn + 0.5 || kind !== barAdvice) {
        pen.fillStyle = fills[kind]!;
        pen.fillRect(from, y + BAR.top, to - from, BAR.height);
        [barDrawn, barAdvice] = [to, kind];
      }
      if (episode === chosen) {
        pen.strokeStyle = look.ink;
        pen.lineWidth = 2;
        pen.strokeRect(from - 2, y + BAR.top - 2, to - from + 4, BAR.height + 4);
      }
      pen.fillStyle = look.ink;
      for (let hold = holdOffsets[episode]!; hold < holdOffsets[episode + 1]!; hold += 1) {
        const since = clamp(place(holdFrom[hold]!));
        const until = Math.max(since + 2, clamp(place(holdTo[hold]!)));
        if (until <= holdDrawn || holdFrom[hold]! > end || holdTo[hold]! < begin) continue;
        pen.fillRect(since, y + HOLD.top, until - since, HOLD.height);
        holdDrawn = until;
      }
      pen.fillStyle = look.soft;
      for (let tick = tickOffsets[episode]!; tick < tickOffsets[episode + 1]!; tick += 1) {
        const x = Math.round(place(ticks[tick]!));
        if (x <= tickDrawn || x < names) continue;
        if (x > width) break;
        pen.fillRect(x, y + TICK.top, 1, TICK.height);
        tickDrawn = x;
      }
      if (from - marked >= APART) {
        marks.push([from, kind]);
        marked = from;
      } else if (kind < (marks.at(-1)?.[1] ?? 255)) {
        marks[marks.length - 1] = [marked, kind];
      }
    }
    for (const [x, kind] of marks) mark(pen, kind, Math.min(Math.max(x, names + 6), width - 6), y + BAR.top + BAR.height / 2, look);
    if (names > 0) {
      pen.fillStyle = look.surface;
      pen.fillRect(0, rowTop, names - 4, step - 1);
      pen.fillStyle = look.ink;
      pen.fillText(fitted(pen, evidence.files[file]!, names - 20), 8, y + 21);
    } else {
      pen.fillStyle = look.ink;
      pen.fillText(fitted(pen, evidence.files[file]!, width - 12), 6, rowTop + 14);
    }
  }
  pen.restore();

  pen.fillStyle = look.soft;
  for (const time of times) {
    const text = format(time);
    const half = pen.measureText(text).width / 2;
    const x = axis(time);
    if (x - half >= names - 4 && x + half <= width) pen.fillText(text, x - half, AXIS - 10);
  }
}

/** How the episodes that are found lie in the whole time: their number in each of `width` parts, most urgent below. */
export function drawOverview(
  pen: CanvasRenderingContext2D,
  evidence: Evidence,
  found: Uint32Array,
  width: number,
  height: number,
  look: Look,
): void {
  const step = 3;
  const parts = Math.max(1, Math.ceil(width / step));
  // Where the number changes, first; summed up below.
  const counts = ADVICES.map(() => new Float64Array(parts + 1));
  const scale = parts / (evidence.end - evidence.begin);
  const { first, end, advice } = evidence.columns;
  const part = (at: number) => Math.min(parts - 1, Math.max(0, Math.floor((at - evidence.begin) * scale)));
  for (const episode of found) {
    const row = counts[advice[episode]!]!;
    row[part(first[episode]!)]! += 1;
    row[part(end[episode]!) + 1]! -= 1;
  }
  for (const row of counts) for (let index = 1; index < parts; index += 1) row[index]! += row[index - 1]!;
  let most = 1;
  for (let index = 0; index < parts; index += 1) most = Math.max(most, counts.reduce((sum, row) => sum + row[index]!, 0));
  pen.clearRect(0, 0, width, height);
  for (let index = 0; index < parts; index += 1) {
    let y = height;
    counts.forEach((row, kind) => {
      const size = row[index]! === 0 ? 0 : Math.max(2, (row[index]! / most) * (height - 4));
      pen.fillStyle = look.colours[kind]!;
      pen.fillRect(index * step, y - size, step - 1, size);
      y -= size;
    });
  }
}

/** The episode under this point of the lanes, and the lane; the nearest within a few pixels. */
export function hit(evidence: Evidence, lanes: Lanes, frame: Frame, x: number, y: number): number | null {
  const file = lanes.files[Math.floor((y - AXIS + frame.scroll) / laneHeight(frame.names))];
  if (file === undefined || y < AXIS || x < frame.names) return null;
  const { first, end } = evidence.columns;
  const pixel = (frame.end - frame.begin) / (frame.width - frame.names);
  const at = frame.begin + (x - frame.names) * pixel;
  let [nearest, distance] = [null as number | null, 6 * pixel];
  for (const episode of evidence.episodesOf[file]!) {
    if (!lanes.shown[episode]) continue;
    const away = Math.max(first[episode]! - at, at - end[episode]!, 0);
    if (away < distance) [nearest, distance] = [episode, away];
  }
  return nearest;
}
