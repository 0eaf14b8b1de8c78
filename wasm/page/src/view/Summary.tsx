// The answer in one sentence, and the report to take along.

import { useSignal } from '@preact/signals';
import { busy, evidence, exported, imported, partial, search, summary } from '../state';
import type { Export } from '../protocol';
import { isTold } from '../link';
import { printable } from '../words';
import { Icon } from './marks';

const NAMES: Record<Export, string> = { json: 'lockwait-report.json', csv: 'lockwait-report.csv', html: 'lockwait-report.html' };

async function save(form: Export): Promise<void> {
  const address = URL.createObjectURL(await exported(form));
  const link = Object.assign(document.createElement('a'), { href: address, download: NAMES[form] });
  link.click();
  // The browser has taken it over by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export function Summary() {
  const told = useSignal('');
  const copy = async () => {
    const rest = isTold(search.value) ? '' : ' The words of your search are not in it: they may be names.';
    try {
      await navigator.clipboard.writeText(location.href);
      told.value = `Copied. It restores this view on the same evidence, and contains none of it.${rest}`;
    } catch {
      told.value = `Copy the address from the address bar: it restores this view, and contains no evidence.${rest}`;
    }
  };
  const known = summary.value;
  const sentence = known ? printable(known.sentence) : busy.value ? 'Reading…' : 'Nothing was read';
  return (
    <div class="answer">
      <h1 aria-live="polite">{sentence}{partial.value && <span class="so-far"> So far: there is more to read.</span>}</h1>
      {imported.value && <p class="note">From an imported report.</p>}
      {evidence.value && !partial.value && (
        <div class="buttons" role="group" aria-label="The report">
          <button type="button" onClick={() => void save('json')}><Icon name="down" /> JSON</button>
          <button type="button" onClick={() => void save('csv')}><Icon name="down" /> CSV</button>
          {!imported.value && <button type="button" onClick={() => void save('html')}><Icon name="down" /> HTML report</button>}
          <button type="button" onClick={() => void copy()}><Icon name="link" /> Copy link to this view</button>
          <span class="muted small told" aria-live="polite">{told.value}</span>
        </div>
      )}
    </div>
  );
}
