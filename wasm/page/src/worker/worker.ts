// The worker: reads, examines, answers. The page itself never touches the evidence's bytes.

import type { Answer, Ask, Progress } from '../protocol';
import type { Episode, Report as Told } from '../report';
import { buffers, columns } from './columns';
import { csv } from './csv';
import { checkPolicy, defaultPolicy, Examination, explain, kinds, type Report, start } from './engine';
import { HEAD, imported } from './imported';
import { readInto } from './read';
import { whatIf } from './whatif';

/** Milliseconds to the first answer while there is more to read; what takes less than that again is answered at its end. */
const FIRST = 500;
/** The least of them between two answers, which may cost a tenth of the time. */
const PACE = 1_000;
const SHARE = 10;

const post = (answer: Answer, give: Transferable[] = []) => self.postMessage(answer, { transfer: give });

let examination: Examination | null = null;
/** The report of what was read so far. `engine` is null where it was imported. */
let current: { engine: Report | null; told: Told; json: string } | null = null;
let reading = false;
let cancelled = false;
let question = 0;
/** The file being read. */
let file: number | null = null;
/** Readings wait for each other. */
let turn = Promise.resolve();

/** Makes a report of what was read so far, and tells the page. */
function answer(partial: boolean): void {
  if (!examination) return;
  const engine = examination.report();
  const { json } = engine;
  current?.engine?.free();
  current = { engine, json, told: JSON.parse(json) as Told };
  question += 1;
  tell(partial, { ticks: engine.ticks, offsets: engine.tickOffsets });
}

function tell(partial: boolean, ticks: Parameters<typeof columns>[1]): void {
  if (!current) return;
  const { told, engine } = current;
  const made = columns(told, ticks);
  const { inputs, summary } = told;
  post({ answer: 'report', inputs, summary, columns: made, partial, imported: engine === null }, buffers(made));
}

async function read(files: File[], from: number): Promise<void> {
  reading = true;
  cancelled = false;
  let due = performance.now() + FIRST;
  const between = (left: number) => {
    const began = performance.now();
    if (began < due || left < FIRST || !examination?.lockFailures) return;
    answer(true);
    const now = performance.now();
    due = now + Math.max(PACE, (now - began) * SHARE);
  };
  for (const [index, next] of files.entries()) {
    file = from + index;
    const say = (progress: Omit<Progress, 'file'>) => post({ answer: 'progress', progress: { file: from + index, ...progress } });
    const none = { bytes: 0, total: next.size, format: '', lockFailures: 0 };
    if (cancelled) {
      say({ state: 'cancelled', ...none, trouble: 'reading was cancelled before this file' });
    } else if (await isReport(next)) {
      await take(next, files.length === 1 && !examination, say);
    } else {
      examination ??= new Examination();
      await readInto(examination, next, () => cancelled, say, between);
    }
  }
  file = null;
  reading = false;
  answer(false);
  post({ answer: 'done' });
}

async function isReport(file: File): Promise<boolean> {
  // What cannot be read is told of by the reading itself.
  return (await file.slice(0, HEAD.length).text().catch(() => '')) === HEAD;
}

/** Takes an exported report back in. */
async function take(file: File, alone: boolean, say: (progress: Omit<Progress, 'file'>) => void): Promise<void> {
  const progress = { bytes: file.size, total: file.size, format: 'report of Lockwait', lockFailures: 0 };
  try {
    if (!alone) throw new Error('a report of Lockwait is shown by itself: start again with it alone');
    const json = (await file.text()).trimEnd();
    current = { engine: null, json, told: imported(json) };
    say({ state: 'imported', ...progress });
    tell(false, null);
  } catch (error) {
    say({ state: 'broken', ...progress, trouble: (error as Error).message });
  }
}

function detail(index: number): void {
  const episode: Episode | undefined = current?.told.episodes[index];
  if (!episode) return;
  const meanings = Object.keys(episode.codes).flatMap((code) => {
    try {
      const { name, meaning } = explain(code);
      return [{ code, name: name ?? '', meaning }];
    } catch {
      return [];
    }
  });
  post({ answer: 'detail', episode: index, detail: { episode, meanings } });
}

async function suppose(policy: string, episode: number | null): Promise<void> {
  question += 1;
  const mine = question;
  try {
    checkPolicy(policy);
  } catch (error) {
    return post({ answer: 'policy-fault', policy, fault: (error as Error).message });
  }
  if (!current?.engine) return;
  const { engine, told } = current;
  const one = episode !== null && episode < told.episodes.length ? episode : null;
  const hear = (all: Extract<Answer, { answer: 'whatif' }>['all'], single: typeof all | null, done: boolean) =>
    post({ answer: 'whatif', policy, all, one: single, done });
  await whatIf(engine, told.episodes.length, policy, one, () => mine !== question, hear);
}

function exported(form: 'json' | 'csv' | 'html', policy: string): void {
  if (!current) return;
  const { json, told, engine } = current;
  const make = {
    json: () => [`${json}\n`, 'application/json'],
    csv: () => [csv(told), 'text/csv;charset=utf-8'],
    html: () => [engine?.html(policy) ?? '', 'text/html;charset=utf-8'],
  };
  const [text, type] = make[form]();
  post({ answer: 'export', form, file: new Blob([text!], { type: type! }) });
}

async function handle(ask: Ask): Promise<void> {
  switch (ask.ask) {
    case 'start':
      return post({ answer: 'ready', engine: await start(ask.engine), policy: defaultPolicy(), kinds: kinds() });
    case 'read':
      turn = turn.then(() => read(ask.files, ask.from));
      return turn;
    case 'cancel':
      cancelled = reading;
      return;
    case 'detail':
      return detail(ask.episode);
    case 'whatif':
      return suppose(ask.policy, ask.episode);
    case 'export':
      return exported(ask.form, ask.policy);
  }
}

// A fault of the engine leaves it in no state to go on: the page starts a new worker, without the file that caused it.
const failed = (error: unknown) => post({ answer: 'failed', why: error instanceof Error ? error.message : String(error), file });

self.onmessage = (event: MessageEvent<Ask>) => void handle(event.data).catch(failed);
