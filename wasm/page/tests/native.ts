// What the page is compared with: `lockwait` itself, and one input for each format, made by our own writers.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './site';

/** Made beforehand by tests/setup.ts. */
export const SAMPLES = process.env.LOCKWAIT_SAMPLES ?? join(ROOT, 'test-inputs');

/** What `lockwait diagnose --json` prints of these files, which lie in `folder`. */
export function diagnosed(folder: string, ...names: string[]): string {
  return execFileSync(process.env.LOCKWAIT_BIN!, ['diagnose', '--json', ...names], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
}

export const sampleNames = (): string[] => {
  mkdirSync(SAMPLES, { recursive: true });
  return readdirSync(SAMPLES).sort();
};
