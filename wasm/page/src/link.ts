// The view's state in the address, behind the '#': how the evidence is looked at, and nothing of the evidence itself.

import { type Changes, KEYS } from './policy';
import { ADVICES, type Advice, KINDS, type Kind } from './report';

export type SortKey = 'advice' | 'kind' | 'file' | 'first' | 'held' | 'attempts' | 'holder';
const SORTS: readonly SortKey[] = ['advice', 'kind', 'file', 'first', 'held', 'attempts', 'holder'];

export interface View {
  sort: SortKey;
  descending: boolean;
  search: string;
  /** Only these; null for all. */
  advice: Advice | null;
  kind: Kind | null;
  /** The part of the time that is shown: 0 is its begin, 1 its end. */
  zoom: [number, number];
  episode: number | null;
  changes: Changes;
}

export const PLAIN: View = { sort: 'advice', descending: false, search: '', advice: null, kind: null, zoom: [0, 1], episode: null, changes: {} };

/** Words of the search that are Lockwait's own. Any other may be part of a name, and stays out of the address. */
const OWN = new Set<string>([...ADVICES, ...KINDS]);
const CODE = /^(win32|ntstatus|errno|ncp|lockwait):[0-9a-z-]+$/;
const isOwn = (word: string) => OWN.has(word) || CODE.test(word);
const words = (search: string) => search.toLowerCase().split(/\s+/).filter(Boolean);

/** Whether the address says all of this search. */
export const isTold = (search: string): boolean => words(search).every(isOwn);

export function toLink(view: View): string {
  const parts: Record<string, string> = {};
  const order = `${view.sort}${view.descending ? '-' : ''}`;
  if (order !== PLAIN.sort) parts.sort = order;
  const search = words(view.search).filter(isOwn);
  if (search.length > 0) parts.search = search.join('+');
  if (view.advice) parts.advice = view.advice;
  if (view.kind) parts.kind = view.kind;
  if (view.zoom[0] > 0 || view.zoom[1] < 1) parts.zoom = view.zoom.map((edge) => edge.toFixed(6)).join('-');
  if (view.episode !== null) parts.episode = String(view.episode);
  const changes = Object.entries(view.changes);
  if (changes.length > 0) parts.policy = changes.map((change) => change.join(':')).join('+');
  return Object.entries(parts).map((part) => part.join('=')).join('&');
}

/** Reads an address; what is not right in it is passed over. */
export function fromLink(link: string): View {
  const parts = new Map(link.replace(/^#/, '').split('&').map((part) => [part.split('=')[0] ?? '', part.split('=')[1] ?? '']));
  const view: View = { ...PLAIN, changes: {} };
  const [, order, down] = parts.get('sort')?.match(/^([a-z]+)(-?)$/) ?? [];
  const sort = SORTS.find((known) => known === order);
  if (sort) Object.assign(view, { sort, descending: down === '-' });
  view.search = (parts.get('search') ?? '').split('+').filter(isOwn).join(' ');
  view.advice = ADVICES.find((advice) => advice === parts.get('advice')) ?? null;
  view.kind = KINDS.find((kind) => kind === parts.get('kind')) ?? null;
  const [from, to] = (parts.get('zoom') ?? '').split('-').map(Number);
  if (from !== undefined && to !== undefined && from >= 0 && from < to && to <= 1) view.zoom = [from, to];
  const episode = parts.get('episode') ?? '';
  if (/^\d{1,9}$/.test(episode)) view.episode = Number(episode);
  for (const change of (parts.get('policy') ?? '').split('+')) {
    const [name, value] = change.split(':', 2);
    const key = KEYS.find((known) => known.name === name);
    if (key && value !== undefined && key.steps.includes(value)) view.changes[key.name] = value;
  }
  return view;
}
