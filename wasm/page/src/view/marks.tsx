// Signs, drawn here: nothing is loaded from elsewhere.

import type { Advice } from '../report';

const SHAPES: Record<Advice, string> = {
  act: 'M8 2 15 14H1Z',
  'cannot-tell': 'M8 1 15 8 8 15 1 8Z',
  ignore: 'M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11Z',
};

/** The mark of an advice: its own colour and its own shape. */
export function Mark({ advice }: { advice: Advice }) {
  return (
    <svg class={`mark ${advice}`} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path d={SHAPES[advice]} />
    </svg>
  );
}

const ICONS = {
  left: 'M10 3 5 8l5 5',
  right: 'm6 3 5 5-5 5',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  close: 'm4 4 8 8M12 4l-8 8',
  theme: 'M8 2.5a5.5 5.5 0 1 0 0 11ZM8 2.5a5.5 5.5 0 0 1 0 11',
  file: 'M4 1.5h5l3.5 3.5v9.5H4ZM9 1.5V5h3.5',
  down: 'M8 2v8M4.5 7 8 10.5 11.5 7M3 13.5h10',
  link: 'M6.5 9.5l3-3M7 4.5 8.5 3a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5 7.5 13A3 3 0 0 1 3 8.5L4.5 7',
  shield: 'M8 1.5 13.5 3.5V8c0 3.2-2.3 5.3-5.5 6.5C4.8 13.3 2.5 11.2 2.5 8V3.5ZM5.5 8l2 2 3.5-4',
  warn: 'M8 2 15 14H1ZM8 6.5v3.5M8 12v.2',
  check: 'm3 8.5 3.5 3.5L13 4.5',
} as const;

export function Icon({ name }: { name: keyof typeof ICONS }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={ICONS[name]} />
    </svg>
  );
}

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <path class="shackle" d="M10 14V9.5a6 6 0 0 1 12 0V14" />
      <rect x="5" y="13" width="22" height="16" rx="4" />
      <path class="hand" d="M16 17v4.5l3 2" />
    </svg>
  );
}
