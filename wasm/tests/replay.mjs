// Replays traces and prints, for each, what came out of it: the same line as core/examples/digest.rs prints.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { replay } from "./engine.mjs";

const START = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const encoder = new TextEncoder();

/** The 64-bit FNV-1a hash (draft-eastlake-fnv section 5), continued from `hash`. */
function fnv(hash, text) {
  for (const byte of encoder.encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME);
  }
  return hash;
}

for (const path of process.argv.slice(2)) {
  const { events, texts, inputs, digest, open } = replay(readFileSync(path, "utf8"));
  const said = events.reduce((hash, event, index) => fnv(fnv(hash, event), texts[index]), START);
  console.log(digest, said.toString(16).padStart(16, "0"), inputs, events.length, open, basename(path));
}
