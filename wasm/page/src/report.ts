// The report as `lockwait diagnose --json` prints it (schema lockwait.report/1).

export const SCHEMA = 'lockwait.report/1';

/** Most urgent first: the order of lanes and of the table. */
export const ADVICES = ['act', 'cannot-tell', 'ignore'] as const;
export const CONFIDENCES = ['high', 'medium', 'low'] as const;
export const KINDS = [
  'none', 'writer-finishing', 'writer-stalled', 'scanner', 'backup', 'sync', 'indexer', 'other-consumer', 'own-process',
  'unknown-holder', 'unreachable', 'refused',
] as const;

export type Advice = (typeof ADVICES)[number];
export type Kind = (typeof KINDS)[number];
export type Confidence = (typeof CONFIDENCES)[number];

export interface Input {
  name: string;
  format: string;
  bytes: number;
  records: number;
  lock_failures: number;
  warnings: string[];
}

export interface Summary {
  lock_failures: number;
  episodes: number;
  act: number;
  ignore: number;
  cannot_tell: number;
  sentence: string;
}

export interface Holder {
  name: string | null;
  pid: number | null;
  address: string | null;
  access: string | null;
  share: string | null;
  from: string | null;
  to: string | null;
}

export interface Reason {
  name: string;
  weight: number;
  text: string;
}

export interface Verdict {
  advice: Advice;
  kind: Kind;
  confidence: Confidence;
  reasons: Reason[];
  needs?: string | null;
}

/** A name that is no UTF-8 comes as its bytes. */
export type Path = string | { hex: string };

export interface Episode {
  path: Path;
  first: string;
  last: string;
  released: string | null;
  attempts: number;
  attempts_is_lower_bound: boolean;
  interval_ms: number | null;
  codes: Record<string, number>;
  actor: string;
  holders: Holder[];
  verdict: Verdict;
  records: string[];
}

export interface Report {
  schema: string;
  inputs: Input[];
  summary: Summary;
  episodes: Episode[];
}
