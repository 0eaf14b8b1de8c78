// The engine: unpacked from the text it travels in.

import { initSync } from '../../../pkg/lockwait_wasm.js';
import { decompress } from 'lzma1';
import packed from 'virtual:wasm';

export { checkPolicy, defaultPolicy, Examination, explain, kinds, type Report, type WhatIf } from '../../../pkg/lockwait_wasm.js';

/** Makes the engine ready; once. */
export async function start(): Promise<void> {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  // Compiled beside this thread, as it is large.
  initSync({ module: await WebAssembly.compile(decompress(bytes)) });
}
