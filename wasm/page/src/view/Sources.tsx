// The files that were given, how each stands, and what is wrong with it: said beside the file it concerns.

import type { Input } from '../report';
import { busy, cancel, imported, inputs, type Source, sources, startAgain } from '../state';
import { bytesWords, counted, number, printable } from '../words';
import { Chooser } from './Intake';
import { Icon } from './marks';

const STATES = {
  reading: 'being read', read: 'read', broken: 'broke off', cancelled: 'cancelled: partial', imported: 'an imported report',
} as const;

/** Warnings of one file that are shown at once. */
const WARNINGS = 3;

export function Sources() {
  // The engine's inputs are in the order of the sources; an imported report has inputs of its own.
  const told = imported.value ? [] : inputs.value;
  return (
    <section class="card sources" aria-labelledby="sources-title">
      <div class="head">
        <h2 id="sources-title">What was read</h2>
        <div class="buttons">
          {busy.value && <button type="button" onClick={cancel}><Icon name="close" /> Cancel</button>}
          {!busy.value && <Chooser label="Add files" />}
          <button type="button" onClick={startAgain}>Start again</button>
        </div>
      </div>
      <ul>
        {sources.value.map((source, index) => <Row key={index} source={source} input={inputOf(told, index)} />)}
      </ul>
      {imported.value && (
        <>
          <p class="note"><Icon name="warn" /> This is an imported report: it was judged when it was made. It holds no times of single attempts, and cannot be judged anew; for that, give the evidence itself. What it was made of:</p>
          <ul>{inputs.value.map((input, index) => <Row key={index} source={null} input={input} />)}</ul>
        </>
      )}
    </section>
  );
}

/** Files that never reached the engine have no input there. */
function inputOf(told: Input[], index: number): Input | undefined {
  const reached = (source: Source) => source.progress !== null && !(source.progress.bytes === 0 && source.progress.format === '' && source.progress.state === 'cancelled') && source.progress.format !== 'report of Lockwait';
  const source = sources.value[index]!;
  if (!reached(source)) return undefined;
  return told[sources.value.slice(0, index).filter(reached).length];
}

function Row({ source, input }: { source: Source | null; input: Input | undefined }) {
  const progress = source?.progress;
  const state = progress?.state;
  const warnings = input?.warnings ?? [];
  const own = progress?.trouble && !warnings.some((warning) => warning.includes(progress.trouble!)) ? [progress.trouble] : [];
  const all = [...own, ...warnings];
  const isReading = state === 'reading' || (source !== null && !state);
  const format = input && state !== 'reading' ? input.format : progress?.format;
  return (
    <li class={all.length > 0 ? 'source warned' : 'source'}>
      <div class="line">
        <bdi class="path">{printable(source?.name ?? input?.name ?? '')}</bdi>
        <span class="facts muted">
          {format && format !== 'unknown' && <span>{format}</span>}
          <span>{bytesWords(progress?.total ?? input?.bytes ?? 0)}</span>
          {input && state !== 'reading' && <span>{counted(input.records, 'record')}</span>}
          <span>{input && state !== 'reading' ? counted(input.lock_failures, 'lock error') : ''}</span>
          {state && state !== 'read' && <span class={`state ${state}`}>{STATES[state]}</span>}
          {source && !state && <span class="state">waiting</span>}
        </span>
      </div>
      {isReading && (
        <progress max={Math.max(1, progress?.total ?? 1)} value={progress?.bytes ?? 0} aria-label={`Reading ${printable(source!.name)}`}>
          {number(progress?.bytes ?? 0)}
        </progress>
      )}
      {all.length > 0 && (
        <ul class="warnings">
          {all.slice(0, WARNINGS).map((warning, index) => <li key={index}><Icon name="warn" /> <span>{printable(warning)}</span></li>)}
          {all.length > WARNINGS && (
            <li><details><summary>and {all.length - WARNINGS} more</summary><ul>{all.slice(WARNINGS).map((warning, index) => <li key={index}>{printable(warning)}</li>)}</ul></details></li>
          )}
        </ul>
      )}
    </li>
  );
}
