// The page of `lockwait watch --page`: the run as it is now. It only reads.

import { batch, signal } from '@preact/signals';
import { render } from 'preact';
import '../style.css';
import { ADVICES, type Advice } from '../report';
import { counted, number, printable, spanWords, timeWords } from '../words';
import { Icon, Logo, Mark } from '../view/marks';
import { PathWords } from '../view/PathWords';
import { theme, turn } from '../view/theme';

/** What the router says of a file that waits. */
interface Waiting {
  path: string;
  /** RFC 3339. */
  since: string;
  attempts: number;
  code: string | null;
  verdict: { advice: Advice; kind: string } | null;
}

interface Snapshot {
  waiting: Waiting[];
  taken: number;
}

/** A line of `watch --json`. */
interface Line {
  at: string;
  event: string;
  severity: string;
  path?: string;
  attempts?: number;
  waited_ms?: number;
  verdict?: { advice: Advice; kind: string; holders?: { name?: string; pid?: number }[] } | null;
}

/** Events and waiting files that are shown. */
const LINES = 200;
const FILES = 500;

const snapshot = signal<Snapshot>({ waiting: [], taken: 0 });
const lines = signal<Line[]>([]);
const state = signal<'connecting' | 'connected' | 'lost'>('connecting');
const now = signal(Date.now());

// The link that was printed has been exchanged for a cookie, which no script sees.
const source = new EventSource('events');
source.onopen = () => (state.value = 'connected');
// The browser asks again by itself, unless it was refused.
source.onerror = () => (state.value = source.readyState === EventSource.CLOSED ? 'lost' : 'connecting');
source.addEventListener('state', (event) => hear(event, (told: Snapshot) => (snapshot.value = told)));
source.addEventListener('line', (event) => hear(event, (told: Line) => (lines.value = [told, ...lines.value].slice(0, LINES))));
setInterval(() => (now.value = Date.now()), 1_000);

function hear<T>(event: MessageEvent<string>, take: (told: T) => void): void {
  batch(() => {
    state.value = 'connected';
    take(JSON.parse(event.data) as T);
  });
}

const STATES = { connecting: 'connecting…', connected: 'live', lost: 'the run has ended, or this browser has not used the link that lockwait printed' } as const;
const isAdvice = (word: string | undefined): word is Advice => ADVICES.includes(word as Advice);

function Verdict({ of }: { of: Waiting['verdict'] | undefined }) {
  if (!of || !isAdvice(of.advice)) return <span class="muted">too early to tell</span>;
  return <span class={of.advice}><Mark advice={of.advice} /> {of.advice.replace('-', ' ')}: {printable(of.kind)}</span>;
}

function App() {
  const { waiting, taken } = snapshot.value;
  const act = waiting.filter((file) => file.verdict?.advice === 'act').length;
  return (
    <>
      <header class="top">
        <div class="brand"><Logo /><span class="name">Lockwait</span><span class="muted tagline">the run, live</span></div>
        <span class={`state ${state.value}`} role="status">{STATES[state.value]}</span>
        <button type="button" class="quiet" onClick={turn}><Icon name="theme" /> <span>Theme: {theme.value}</span></button>
      </header>
      <main id="main">
        <h1 aria-live="polite">{counted(waiting.length, 'file')} {waiting.length === 1 ? 'waits' : 'wait'}, {number(taken)} taken{act > 0 ? `; ${act} ${act === 1 ? 'needs' : 'need'} you` : ''}</h1>
        <section class="card live" aria-labelledby="waiting-title">
          <h2 id="waiting-title">Waiting</h2>
          <div class="scroll" tabIndex={0} role="group" aria-label="Waiting files">
            <table>
              <thead><tr><th scope="col">Advice</th><th scope="col">File</th><th scope="col" class="number">For</th><th scope="col" class="number">Attempts</th><th scope="col">Code</th></tr></thead>
              <tbody>
                {waiting.slice(0, FILES).map((file) => (
                  <tr key={file.path}>
                    <td class="advice"><Verdict of={file.verdict} /></td>
                    <td><PathWords path={printable(file.path)} /></td>
                    <td class="number">{spanWords(Math.max(0, now.value - Date.parse(file.since)) * 1000)}</td>
                    <td class="number">{number(file.attempts)}</td>
                    <td><code>{printable(file.code ?? '')}</code></td>
                  </tr>
                ))}
                {waiting.length === 0 && <tr><td colSpan={5} class="muted">No file waits.</td></tr>}
              </tbody>
            </table>
          </div>
          {waiting.length > FILES && <p class="muted">and {number(waiting.length - FILES)} more</p>}
        </section>
        <section class="card live" aria-labelledby="events-title">
          <h2 id="events-title">Events, newest first</h2>
          <div class="scroll" tabIndex={0} role="group" aria-label="Events">
            <table>
              <thead><tr><th scope="col">When, UTC</th><th scope="col">Event</th><th scope="col">File</th><th scope="col">Verdict</th></tr></thead>
              <tbody>
                {lines.value.map((line, index) => (
                  <tr key={lines.value.length - index}>
                    <td class="when">{timeWords(Date.parse(line.at) * 1000)}</td>
                    <td class={`severity ${['warning', 'error'].includes(line.severity) ? line.severity : ''}`}>{printable(line.event)}</td>
                    <td><PathWords path={printable(line.path ?? '')} /></td>
                    <td>{line.verdict ? <Verdict of={line.verdict} /> : ''}{line.verdict?.holders?.length ? <span class="muted">, {line.verdict.holders.map((holder) => printable(holder.name ?? `process ${holder.pid ?? '?'}`)).join(', ')}</span> : ''}</td>
                  </tr>
                ))}
                {lines.value.length === 0 && <tr><td colSpan={4} class="muted">None since this page was opened.</td></tr>}
              </tbody>
            </table>
          </div>
        </section>
        <p class="muted small">This page only reads, from this machine's Lockwait and nothing else.</p>
      </main>
    </>
  );
}

render(<App />, document.getElementById('app')!);
