// What another policy would have made of the same locks: the engine itself is run against each of them.

import { changes, chosen, defaultPolicy, detail, evidence, imported, outcome, policyFault } from '../state';
import { KEYS, type Key } from '../policy';
import type { Outcome } from '../protocol';
import { number, spanWords } from '../words';

function set(key: Key, value: string): void {
  const { [key.name]: _, ...others } = changes.value;
  changes.value = value === defaultPolicy.value[key.name] ? others : { ...others, [key.name]: value };
}

function Control({ of }: { of: Key }) {
  const standard = defaultPolicy.value[of.name] ?? '';
  const steps = of.steps.includes(standard) ? of.steps : [...of.steps, standard];
  const value = changes.value[of.name] ?? standard;
  const id = `policy-${of.name}`;
  return (
    <div class="control">
      <label for={id}>{of.label} <output for={id} class={value === standard ? '' : 'changed'}>{value === '0' ? 'off' : value}</output></label>
      <input id={id} type="range" min={0} max={steps.length - 1} step={1} value={Math.max(0, steps.indexOf(value))}
        aria-valuetext={value} aria-describedby={`${id}-help`} onInput={(event) => set(of, steps[event.currentTarget.valueAsNumber]!)} />
      <span id={`${id}-help`} class="muted small">{of.help}</span>
    </div>
  );
}

const range = ([least, most]: [number, number], words: (value: number) => string = number): string =>
  words(least) === words(most) ? words(least) : `${words(least)} to ${words(most)}`;

const ROWS: [string, (outcome: Outcome) => string][] = [
  ['Attempts', (outcome) => range(outcome.attempts)],
  ['Refusals', (outcome) => range(outcome.refusals)],
  ['Events written', (outcome) => range(outcome.events)],
  ['Longest wait', (outcome) => (outcome.waited ? range(outcome.waited, spanWords) : 'never had')],
];

export function WhatIf() {
  if (imported.value) return null;
  const known = evidence.value!;
  const told = outcome.value;
  const one = chosen.value !== null && chosen.value < known.count ? chosen.value : null;
  const all = known.columns.attempts.reduce((sum, attempts) => sum + attempts, 0);
  const longest = known.columns.end.reduce((most, _, episode) => Math.max(most, known.held(episode)), 0);
  const here: string[] = [number(all), number(all), `${number(all)} or more`, spanWords(longest)];
  const changed = Object.keys(changes.value).length > 0;
  return (
    <section class="card what-if" aria-labelledby="what-if-title">
      <div class="head">
        <h2 id="what-if-title">The same locks with Lockwait</h2>
        <div class="buttons"><button type="button" disabled={!changed} onClick={() => (changes.value = {})}>Defaults</button></div>
      </div>
      <p class="muted">What its engine would have done in place of the program that was refused, under this policy.</p>
      <div class="beside">
        <div class="controls">{KEYS.map((key) => <Control key={key.name} of={key} />)}</div>
        <div class="outcome">
          <div class="scroll" tabIndex={0} role="group" aria-label="Outcome">
            <table aria-busy={!told?.done}>
              <thead><tr><th scope="col"><span class="unseen">What</span></th><th scope="col" class="number">As it was</th><th scope="col" class="number">With this policy</th><th scope="col" class="number">{one === null ? 'One episode' : 'The episode'}</th></tr></thead>
              <tbody>
                {ROWS.map(([name, words], row) => (
                  <tr key={name}>
                    <th scope="row">{name}</th>
                    <td class="number muted">{here[row]}</td>
                    <td class="number strong">{told ? words(told.all) : '…'}</td>
                    <td class="number">{told?.one ? words(told.one) : '–'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p class="fault small" role="status">{policyFault.value}</p>
          <p class="muted small">
            {detail.value && one !== null ? 'The last column is the episode chosen above. ' : ''}
            As a policy file for <code>lockwait watch --policy</code>: <code class="policy">{changed ? Object.entries(changes.value).map(([key, value]) => `${key} = "${value}"`).join(' · ') : 'the defaults; none is needed'}</code>
          </p>
        </div>
      </div>
    </section>
  );
}
