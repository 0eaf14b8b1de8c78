// Builds what the tests compare with, unless LOCKWAIT_BIN and LOCKWAIT_SAMPLES name it.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SAMPLES } from './native';
import { ROOT } from './site';

const HOUSE = join(ROOT, '..', '..');
const cargo = (...words: string[]) => execFileSync('cargo', words, { cwd: HOUSE, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 28 });

export default function setup(): void {
  if (!existsSync(join(ROOT, 'dist', 'lockwait.html'))) throw new Error("the page is not built: run 'cargo xtask page'");
  if (!process.env.LOCKWAIT_BIN) {
    const messages = cargo('build', '-p', 'lockwait', '--bin', 'lockwait', '--message-format=json-render-diagnostics');
    const built = messages.split('\n').filter(Boolean).map((line) => JSON.parse(line) as { executable?: string | null });
    process.env.LOCKWAIT_BIN = built.findLast((message) => message.executable)!.executable!;
  }
  if (!existsSync(SAMPLES) || readdirSync(SAMPLES).length === 0) {
    cargo('run', '-p', 'lockwait-evidence', '--features', 'make', '--example', 'samples', '--', SAMPLES);
  }
}
