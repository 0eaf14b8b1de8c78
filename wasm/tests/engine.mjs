// The package as its users get it, made ready.

import { readFileSync } from "node:fs";
import { initSync } from "../pkg/lockwait_wasm.js";

initSync({ module: readFileSync(new URL("../pkg/lockwait_wasm_bg.wasm", import.meta.url)) });

export * from "../pkg/lockwait_wasm.js";
