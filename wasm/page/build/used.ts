// What of the engine the page uses.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const METADCE = fileURLToPath(new URL('../node_modules/.bin/wasm-metadce', import.meta.url));

/** What only other hosts call: the router, and traces. */
const OTHERS = /^(?:router_|__wbg_router_|replay$|policyKeys$)/;

/** The WebAssembly at `path` without what only `OTHERS` need. */
export function used(path: string): Buffer {
  const names = WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(path))).map(({ name }) => name).filter((name) => !OTHERS.test(name));
  const graph = [{ name: 'page', root: true, reaches: names }, ...names.map((name) => ({ name, export: name }))];
  const scratch = mkdtempSync(join(tmpdir(), 'lockwait-engine-'));
  try {
    const [wanted, made] = [join(scratch, 'graph.json'), join(scratch, 'engine.wasm')];
    writeFileSync(wanted, JSON.stringify(graph));
    execFileSync(METADCE, [path, '--graph-file', wanted, '--detect-features', '-o', made], { stdio: ['ignore', 'ignore', 'inherit'] });
    return readFileSync(made);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
