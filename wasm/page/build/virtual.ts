// Modules that are made at build time: the WebAssembly as text, and the words of the verdicts.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compress } from 'lzma1';
import type { Plugin } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const WASM = here('../../pkg/lockwait_wasm_bg.wasm');
const VERDICTS = here('../../../docs/verdicts.md');

/**
 * `virtual:wasm`: the WebAssembly, packed by LZMA, as base64. Packed first: base64 of it packed later is half as big again.
 * LZMA makes a quarter less of it than gzip, which browsers would unpack by themselves.
 */
function wasm(): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(WASM);
  } catch {
    throw new Error(`${WASM} is missing: 'cargo xtask page' builds it`);
  }
  return Buffer.from(compress(bytes, 9)).toString('base64');
}

/** `virtual:kinds`: meaning and remedy of each kind, from the table in docs/verdicts.md, which the core writes. */
function kinds(): Record<string, { meaning: string; remedy: string }> {
  const text = readFileSync(VERDICTS, 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \| ([^|]+) \| ([^|]+) \|$/gm)];
  const found = Object.fromEntries(rows.map(([, kind, meaning, remedy]) => [kind!, { meaning: meaning!, remedy: remedy! }]));
  if (!('writer-finishing' in found)) {
    throw new Error(`${VERDICTS}: the table of kinds is not where it was`);
  }
  return found;
}

const MADE: Record<string, () => unknown> = { 'virtual:wasm': wasm, 'virtual:kinds': kinds };

/** The page only unpacks: what packs is left out of it. */
const NO_ENCODER = '\0no-encoder';

export function virtual(): Plugin {
  return {
    name: 'lockwait-virtual',
    enforce: 'pre',
    resolveId(id, importer) {
      if (id === './encoder.js' && importer?.includes('/lzma1/')) return NO_ENCODER;
      return id in MADE ? `\0${id}` : null;
    },
    load(id) {
      if (id === NO_ENCODER) return 'export class Encoder {}';
      const make = MADE[id.slice(1)];
      return id.startsWith('\0') && make ? `export default ${JSON.stringify(make())};` : null;
    },
    // The glue would have the WebAssembly fetched; here it is handed over.
    transform: (code, id) =>
      id.endsWith('/pkg/lockwait_wasm.js') ? code.replace(/new URL\([^)]*import\.meta\.url\)/g, 'undefined') : null,
  };
}
