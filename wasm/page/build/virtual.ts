// The module that is made at build time: the WebAssembly as text.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compress } from 'lzma1';
import type { Plugin } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const WASM = here('../../pkg/lockwait_wasm_bg.wasm');

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

/** The page only unpacks: what packs is left out of it. */
const NO_ENCODER = '\0no-encoder';

const WASM_MODULE = 'virtual:wasm';

export function virtual(): Plugin {
  return {
    name: 'lockwait-virtual',
    enforce: 'pre',
    resolveId(id, importer) {
      if (id === './encoder.js' && importer?.includes('/lzma1/')) return NO_ENCODER;
      return id === WASM_MODULE ? `\0${id}` : null;
    },
    load(id) {
      if (id === NO_ENCODER) return 'export class Encoder {}';
      return id === `\0${WASM_MODULE}` ? `export default ${JSON.stringify(wasm())};` : null;
    },
  };
}
