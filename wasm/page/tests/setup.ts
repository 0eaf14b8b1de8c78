// What the tests compare with is made by `cargo xtask page --test`, which names it.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './site';

export default function setup(): void {
  const isBuilt = existsSync(join(ROOT, 'dist', 'lockwait.html'));
  if (!isBuilt || !process.env.LOCKWAIT_BIN || !process.env.LOCKWAIT_SAMPLES) {
    throw new Error("run 'cargo xtask page --test': it builds the page, the command and the inputs");
  }
}
