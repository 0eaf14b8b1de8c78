// One episode: why it was held, by whom, how that is known, and the records themselves.

import type { ComponentChildren } from 'preact';
import { chosen, detail, evidence, kinds } from '../state';
import type { Meaning } from '../protocol';
import type { Episode, Holder } from '../report';
import { holderName, micros, number, pathWords, printable, printableLines, spanWords, timeWords } from '../words';
import { Icon, Mark } from './marks';

export function Detail() {
  const known = evidence.value!;
  const episode = chosen.value;
  const found = detail.value;
  return (
    <section class="card detail" id="detail" tabIndex={-1} aria-labelledby="detail-title">
      {episode === null || episode >= known.count || found?.episode !== episode
        ? <><h2 id="detail-title">One episode</h2><p class="muted">Choose an episode, in the table or on the timeline, to see why it was judged so.</p></>
        : <Told episode={found.detail.episode} meanings={found.detail.meanings} />}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return <><dt>{name}</dt><dd>{children}</dd></>;
}

const utc = (time: string) => `${timeWords(micros(time))} UTC`;

function Told({ episode, meanings }: { episode: Episode; meanings: Meaning[] }) {
  const { verdict, holders, codes } = episode;
  const words = kinds.value.get(verdict.kind);
  const held = micros(episode.released ?? episode.last) - micros(episode.first);
  const strongest = Math.max(1, ...verdict.reasons.map((reason) => Math.abs(reason.weight)));
  return (
    <>
      <div class="head">
        <h2 id="detail-title"><bdi class="path">{pathWords(episode.path)}</bdi></h2>
        <button type="button" class="quiet" aria-label="Close the episode" onClick={() => (chosen.value = null)}><Icon name="close" /></button>
      </div>
      <p class={`advice ${verdict.advice}`}><Mark advice={verdict.advice} /> {verdict.advice.replace('-', ' ')}: {words?.meaning ?? verdict.kind} <span class="muted">({verdict.confidence} confidence)</span></p>
      {verdict.advice === 'act' && words && <p>{words.remedy}</p>}
      {verdict.needs && <p><strong>What would tell:</strong> {printable(verdict.needs)}</p>}

      <h3>Why</h3>
      <div class="scroll" tabIndex={0} role="group" aria-label="Reasons">
        <table>
          <thead><tr><th scope="col">Weight</th><th scope="col">Rule</th><th scope="col">What was seen</th></tr></thead>
          <tbody>
            {verdict.reasons.map((reason, index) => (
              <tr key={index}>
                <td class="number weight"><meter min={0} max={strongest} value={Math.abs(reason.weight)} aria-hidden="true" /> {reason.weight > 0 ? '+' : ''}{reason.weight}</td>
                <td><code>{printable(reason.name)}</code></td>
                <td>{printable(reason.text)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>

      <h3>Who held it</h3>
      {holders.length === 0 ? <p class="muted">Nobody was seen.{verdict.needs ? '' : ' The reasons say whether anybody asked.'}</p> : (
        <ul class="holders">{holders.map((holder, index) => <li key={index}><HolderWords holder={holder} /></li>)}</ul>
      )}

      <h3>What happened</h3>
      <dl>
        <Fact name="First refusal">{utc(episode.first)}</Fact>
        <Fact name="Last refusal">{utc(episode.last)}</Fact>
        <Fact name="Released">{episode.released === null ? 'not seen' : utc(episode.released)}</Fact>
        <Fact name="Held">{episode.released === null ? 'at least ' : ''}{spanWords(held)}</Fact>
        <Fact name="Attempts">{episode.attempts_is_lower_bound ? 'at least ' : ''}{number(episode.attempts)}</Fact>
        <Fact name="Time between attempts">{episode.interval_ms === null ? 'not known' : spanWords(episode.interval_ms * 1000)}</Fact>
        <Fact name="Refused">{printable(episode.actor) || 'not known'}</Fact>
        <Fact name="Codes">
          {Object.entries(codes).map(([code, count]) => {
            const meaning = meanings.find((one) => one.code === code);
            return <div key={code}>{number(count)} × <code>{printable(code)}</code> {meaning && <span class="muted">{meaning.name && `${meaning.name}: `}{meaning.meaning}</span>}</div>;
          })}
        </Fact>
      </dl>

      {episode.records.length > 0 && (
        <>
          <h3>Raw records</h3>
          {episode.records.map((record, index) => <pre key={index} tabIndex={0} aria-label={`Record ${index + 1}`}>{printableLines(record)}</pre>)}
        </>
      )}
    </>
  );
}

/** A holder, with what the evidence has of it, and how it is known. */
function HolderWords({ holder }: { holder: Holder }) {
  const facts = [
    holder.access && (holder.access === 'read' ? 'only reads' : `access: ${holder.access}`),
    holder.share && `shares ${holder.share}`,
    holder.from && `from ${utc(holder.from)}`,
    holder.to && `to ${utc(holder.to)}`,
  ].filter(Boolean);
  const known = holder.from ? 'its own open is in the evidence' : 'a record names it';
  return <><strong><bdi>{holderName(holder)}</bdi></strong>{facts.length > 0 && `: ${facts.map((fact) => printable(fact as string)).join(', ')}`} <span class="muted">(known because {known})</span></>;
}
