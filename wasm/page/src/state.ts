// What the page knows, and what can be done with it.

import { batch, computed, effect, signal } from '@preact/signals';
import type { KindWords } from '../../pkg/lockwait_wasm.js';
import { Evidence } from './evidence';
import { fromLink, PLAIN, type SortKey, toLink, type View } from './link';
import { type Changes, policyJson } from './policy';
import type { Answer, Ask, Detail, Export, Outcome, Progress } from './protocol';
import type { Advice, Input, Kind, Summary } from './report';
import LockwaitWorker from './worker/worker?worker&inline';

/** One of the person's files, and how it stands. */
export interface Source {
  name: string;
  size: number;
  progress: Progress | null;
}

export const sources = signal<Source[]>([]);
export const busy = signal(false);
export const inputs = signal<Input[]>([]);
export const summary = signal<Summary | null>(null);
export const evidence = signal<Evidence | null>(null);
/** More is to come. */
export const partial = signal(false);
export const imported = signal(false);
/** A fault of the engine, told above everything else. */
export const fault = signal('');

const start = fromLink(location.hash);
export const sort = signal<SortKey>(start.sort);
export const descending = signal(start.descending);
export const search = signal(start.search);
export const advice = signal<Advice | null>(start.advice);
export const kind = signal<Kind | null>(start.kind);
export const zoom = signal<[number, number]>(start.zoom);
export const chosen = signal<number | null>(start.episode);
export const changes = signal<Changes>(start.changes);

export const detail = signal<{ episode: number; detail: Detail } | null>(null);
export const outcome = signal<{ all: Outcome; one: Outcome | null; done: boolean } | null>(null);
export const policyFault = signal('');
const defaults = signal('');
/** What each kind of verdict means and what to do about it, in the engine's words. */
export const kinds = signal<ReadonlyMap<string, KindWords>>(new Map());
export const policy = computed(() => (defaults.value ? policyJson(defaults.value, changes.value) : ''));
export const defaultPolicy = computed(() => (defaults.value ? (JSON.parse(defaults.value) as Changes) : {}));

/** The zoom once it rests: the table need not follow every frame. */
export const settled = signal<[number, number]>(start.zoom);
let rest = 0;
effect(() => {
  const now = zoom.value;
  clearTimeout(rest);
  rest = window.setTimeout(() => (settled.value = now), 120);
});

/** Episodes that the search lets through, in order of time. */
export const found = computed(() => evidence.value?.matching(search.value, advice.value, kind.value) ?? new Uint32Array(0));
/** Those of them that are in the part of the time that is shown, sorted for the table. */
export const rows = computed(() => {
  const known = evidence.value;
  return known ? known.sorted(known.within(found.value, settled.value), sort.value, descending.value) : new Uint32Array(0);
});
let files: File[] = [];
let worker: Worker | null = null;
let ready: Promise<void> | null = null;
let unpacked: WebAssembly.Module | null = null;
const downloads = new Map<Export, (file: Blob) => void>();

const ask = (what: Ask) => worker?.postMessage(what);

/** Starts the worker, where there is none. */
function engine(): Promise<void> {
  ready ??= new Promise((resolve) => {
    worker = new LockwaitWorker();
    const mine = worker;
    worker.onmessage = (event: MessageEvent<Answer>) => {
      if (mine !== worker) return;
      if (event.data.answer === 'ready') {
        unpacked = event.data.engine;
        // For whoever measures.
        performance.mark('engine-ready');
        defaults.value = event.data.policy;
        kinds.value = new Map(event.data.kinds.map((words) => [words.name, words]));
        resolve();
      } else {
        hear(event.data);
      }
    };
    worker.onerror = (event) => mine === worker && hear({ answer: 'failed', why: event.message || 'the worker did not start', file: null });
    ask({ ask: 'start', engine: unpacked });
  });
  return ready;
}

function stopEngine(): void {
  worker?.terminate();
  worker = null;
  ready = null;
}

function hear(answer: Answer): void {
  switch (answer.answer) {
    case 'progress':
      sources.value = sources.value.map((source, index) =>
        index === answer.progress.file ? { ...source, progress: answer.progress } : source,
      );
      return;
    case 'report':
      batch(() => {
        evidence.value = new Evidence(answer.columns);
        inputs.value = answer.inputs;
        summary.value = answer.summary;
        partial.value = answer.partial;
        imported.value = answer.imported;
        detail.value = null;
        if (chosen.value !== null && chosen.value >= answer.columns.count && !answer.partial) chosen.value = null;
      });
      return;
    case 'done':
      busy.value = false;
      return;
    case 'detail':
      if (answer.episode === chosen.value) detail.value = answer;
      return;
    case 'whatif':
      if (answer.policy === policy.value) outcome.value = answer;
      return;
    case 'policy-fault':
      if (answer.policy === policy.value) policyFault.value = answer.fault;
      return;
    case 'export':
      downloads.get(answer.form)?.(answer.file);
      return;
    case 'failed':
      return failed(answer.why, answer.file);
  }
}

/** A new engine reads everything again but the file at which the old one failed. */
function failed(why: string, file: number | null): void {
  stopEngine();
  fault.value = `The engine failed${file === null ? '' : ` at '${files[file]?.name}'`}: ${why}. This is a fault of Lockwait; please report it.`;
  busy.value = false;
  if (file === null) return;
  const others = files.filter((_, index) => index !== file);
  const told = fault.value;
  clear();
  fault.value = told;
  if (others.length > 0) void read(others);
}

/** Reads more files. Those of an imported report, or nothing, are replaced. */
export async function read(more: File[]): Promise<void> {
  if (more.length === 0) return;
  if (imported.value) clear();
  const from = files.length;
  files = [...files, ...more];
  batch(() => {
    sources.value = [...sources.value, ...more.map(({ name, size }) => ({ name, size, progress: null }))];
    busy.value = true;
  });
  await engine();
  ask({ ask: 'read', files: more, from });
}

export const cancel = (): void => ask({ ask: 'cancel' });

/** Forgets all evidence; how it is looked at stays. */
function clear(): void {
  stopEngine();
  files = [];
  batch(() => {
    sources.value = [];
    inputs.value = [];
    summary.value = null;
    evidence.value = null;
    partial.value = false;
    imported.value = false;
    busy.value = false;
    detail.value = null;
    outcome.value = null;
    fault.value = '';
  });
}

/** Looks at the evidence that way. */
function show(view: View): void {
  batch(() => {
    sort.value = view.sort;
    descending.value = view.descending;
    search.value = view.search;
    advice.value = view.advice;
    kind.value = view.kind;
    zoom.value = view.zoom;
    chosen.value = view.episode;
    changes.value = view.changes;
  });
}

/** Begins anew. */
export function startAgain(): void {
  batch(() => {
    clear();
    show(PLAIN);
  });
  void engine();
}

/** The report in that form. */
export function exported(form: Export): Promise<Blob> {
  return new Promise((resolve) => {
    downloads.set(form, resolve);
    ask({ ask: 'export', form, policy: policy.value });
  });
}

/** The episode chosen, in full. */
effect(() => {
  const episode = chosen.value;
  if (evidence.value && episode !== null && episode < evidence.value.count) ask({ ask: 'detail', episode });
});

/** What the policy would have made of it: asked once a frame at most. */
let frame = 0;
effect(() => {
  const [known, under, episode] = [evidence.value, policy.value, chosen.value];
  cancelAnimationFrame(frame);
  if (!known || !under || imported.value) return;
  frame = requestAnimationFrame(() => {
    policyFault.value = '';
    ask({ ask: 'whatif', policy: under, episode });
  });
});

/** The address follows the view. */
export const link = computed(() =>
  toLink({
    sort: sort.value,
    descending: descending.value,
    search: search.value,
    advice: advice.value,
    kind: kind.value,
    zoom: settled.value,
    episode: chosen.value,
    changes: changes.value,
  }),
);
effect(() => {
  const wanted = link.value;
  if (location.hash.replace(/^#/, '') !== wanted) history.replaceState(null, '', wanted ? `#${wanted}` : location.pathname + location.search);
});
window.addEventListener('hashchange', () => {
  show(fromLink(location.hash));
});

// The engine is unpacked while the person looks for a file.
void engine();
