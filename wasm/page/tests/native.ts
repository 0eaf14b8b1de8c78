// What the page is compared with: `lockwait` itself, and one input for each format, made by our own writers.

import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

/** The inputs' folder; tests/setup.ts sees to it that there is one. */
export const SAMPLES = process.env.LOCKWAIT_SAMPLES ?? '';

/** What `lockwait diagnose --json` prints of these files, which lie in `folder`. */
export function diagnosed(folder: string, ...names: string[]): string {
  return execFileSync(process.env.LOCKWAIT_BIN!, ['diagnose', '--json', ...names], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
}

export const sampleNames = (): string[] => (SAMPLES ? readdirSync(SAMPLES).sort() : []);
