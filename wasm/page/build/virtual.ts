// The module that is made at build time: the WebAssembly as text.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TextDecoder } from '@exodus/bytes/encoding.js';
import { compress } from 'lzma1';
import type { Plugin } from 'vite';
import { tables } from '../src/worker/tables.ts';
import { withoutKnown } from './pack.ts';
import { used } from './used.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const WASM = here('../../pkg/lockwait_wasm_bg.wasm');

/**
 * `virtual:wasm`: what the page uses of the WebAssembly, without what browsers have, packed by LZMA, as base64. Packed first:
 * base64 of it packed later is half as big again; so it is a hundredth. LZMA makes a quarter less of it than gzip, which
 * browsers would unpack by themselves.
 */
function wasm(): string {
  if (!existsSync(WASM)) throw new Error(`${WASM} is missing: 'cargo xtask page' builds it`);
  // Node.js decodes by other tables than browsers do.
  const known = tables((label, bytes) => new TextDecoder(label).decode(bytes));
  return Buffer.from(compress(withoutKnown(used(WASM), Buffer.from(known)), 9)).toString('base64');
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
