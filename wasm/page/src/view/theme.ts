// Light, dark, or as the system has it. Not kept: the page stores nothing.

import { signal } from '@preact/signals';

const THEMES = ['system', 'light', 'dark'] as const;
export const theme = signal<(typeof THEMES)[number]>('system');
/** Counts changes of the colours: what is painted by hand is painted anew. */
export const painted = signal(0);

export function turn(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length]!;
  if (theme.value === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
  painted.value += 1;
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => (painted.value += 1));
