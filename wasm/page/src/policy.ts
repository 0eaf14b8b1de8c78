// What a person may suppose of the policy: the keys that shape waiting, and the steps of their controls.

export interface Key {
  name: string;
  label: string;
  help: string;
  steps: string[];
}

const SHORT = ['1ms', '2ms', '5ms', '10ms', '20ms', '50ms', '100ms', '200ms', '500ms', '1s', '2s', '5s', '10s', '30s', '1m', '5m', '10m', '30m', '1h'];
const LONG = ['0', '1s', '2s', '5s', '10s', '20s', '30s', '1m', '2m', '5m', '10m', '30m', '1h', '4h', '12h'];
const SETTLE = ['0', '100ms', '200ms', '500ms', '1s', '2s', '5s', '10s', '30s', '1m'];

export const KEYS: Key[] = [
  { name: 'retry', label: 'Retry', help: 'time between attempts, at first', steps: SHORT },
  { name: 'retry_for', label: 'Retry for', help: 'how long that is kept before attempts grow rarer', steps: LONG },
  { name: 'retry_cap', label: 'Retry cap', help: 'the longest time between attempts', steps: SHORT },
  { name: 'quiet', label: 'Quiet', help: 'a shorter lock that ended well is no event', steps: LONG },
  { name: 'patience', label: 'Patience', help: 'how long a locked file may stand still before an event is written', steps: LONG.slice(1) },
  { name: 'settle', label: 'Settle', help: 'quiet time after a lock clears before the file is taken', steps: SETTLE },
  { name: 'reminder', label: 'Reminder', help: 'time to the first reminder; doubles with each', steps: LONG.slice(1) },
];

/** What the person has changed, key by key. */
export type Changes = Record<string, string>;

/** The whole policy as JSON: the engine's defaults, with the changes. */
export function policyJson(defaults: string, changes: Changes): string {
  return JSON.stringify({ ...(JSON.parse(defaults) as object), ...changes });
}
