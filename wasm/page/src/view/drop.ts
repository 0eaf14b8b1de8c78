// Files dropped or pasted anywhere on the page.

import { signal } from '@preact/signals';
import { read } from '../state';

/** Something that can be dropped is over the page. */
export const hovering = signal(false);

const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
let depth = 0;

export function listen(): void {
  const over = (by: number) => (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = Math.max(0, depth + by);
    hovering.value = depth > 0;
  };
  window.addEventListener('dragenter', over(1));
  window.addEventListener('dragleave', over(-1));
  window.addEventListener('dragover', over(0));
  window.addEventListener('drop', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    hovering.value = false;
    void read([...event.dataTransfer!.files]);
  });
  window.addEventListener('paste', (event) => {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
    const files = [...(event.clipboardData?.files ?? [])];
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (files.length > 0) void read(files);
    else if (text.trim()) void read([new File([text], 'pasted text')]);
  });
}
