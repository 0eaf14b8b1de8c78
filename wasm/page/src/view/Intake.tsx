// How evidence comes in: dropped, chosen, pasted, or the sample.

import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { read } from '../state';
import { Icon } from './marks';

const FORMATS = [
  ['Windows event logs', '.evtx, .evt, or exported as XML, CSV or text'],
  ['Network captures', '.pcap, .pcapng, snoop: SMB and NetWare'],
  ['Process Monitor', 'saved as .csv'],
  ['Text logs', 'of any program, in any of many languages'],
  ['Lockwait', 'traces, watch --json lines, exported reports'],
] as const;

/** Chooses files; the input is the one that is seen, and reached by the keyboard. */
export function Chooser({ label, main }: { label: string; main?: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input ref={input} type="file" multiple class="unseen" tabIndex={-1} aria-hidden="true"
        onChange={(event) => {
          void read([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }} />
      <button type="button" class={main ? 'main' : ''} onClick={() => input.current?.click()}><Icon name="file" /> {label}</button>
    </>
  );
}

async function sample(): Promise<void> {
  const { files } = await import('../sample/sample');
  void read(files());
}

export function Welcome() {
  const pasting = useSignal(false);
  const text = useRef<HTMLTextAreaElement>(null);
  const take = () => {
    const pasted = text.current?.value ?? '';
    if (pasted.trim()) void read([new File([pasted], 'pasted text')]);
  };
  return (
    <div class="welcome">
      <h1>Files were locked. Which need you?</h1>
      <p class="lead">
        Give it the log, trace or capture you have. It folds thousands of “file in use” errors into the few locks they
        were, says who held each file, and which you may ignore.
      </p>
      <div class="drop card">
        <Icon name="down" />
        <p><strong>Drop files anywhere on this page</strong><br /><span class="muted">several at once; .gz is unpacked</span></p>
        <div class="buttons">
          <Chooser label="Choose files" main />
          <button type="button" aria-expanded={pasting.value} onClick={() => (pasting.value = !pasting.value)}>Paste text</button>
          <button type="button" onClick={() => void sample()}>Show a sample</button>
        </div>
        {pasting.value && (
          <div class="paste">
            <label for="pasted">Lines of a log, as they are</label>
            <textarea id="pasted" ref={text} rows={6} spellcheck={false} autocomplete="off" />
            <button type="button" class="main" onClick={take}>Read this text</button>
          </div>
        )}
      </div>
      <ul class="formats">
        {FORMATS.map(([name, what]) => <li key={name}><strong>{name}</strong> <span class="muted">{what}</span></li>)}
      </ul>
    </div>
  );
}
