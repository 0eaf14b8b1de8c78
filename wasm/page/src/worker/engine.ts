// The engine: unpacked from the text it travels in.

import { initSync } from '../../../pkg/lockwait_wasm.js';
import { decompress } from 'lzma1';
import packed from 'virtual:wasm';
import { restored, tables } from './tables';

export { checkPolicy, defaultPolicy, Examination, explain, kinds, type Report, type WhatIf } from '../../../pkg/lockwait_wasm.js';

/** Makes the engine ready, once; gives what a later worker can start from, which saves it the unpacking. */
export async function start(known: WebAssembly.Module | null): Promise<WebAssembly.Module> {
  // Compiled beside this thread, as it is large.
  const module = known ?? (await WebAssembly.compile(unpacked()));
  initSync({ module });
  return module;
}

function unpacked(): Uint8Array<ArrayBuffer> {
  const bytes = decompress(Uint8Array.from(atob(packed), (c) => c.charCodeAt(0)));
  return restored(bytes, tables((label, page) => new TextDecoder(label).decode(page)));
}
