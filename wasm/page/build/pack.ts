// What of the engine every browser has is left out of it.

/** Bytes by which a place in `known` is found, and the least that is left out. */
const KEY = 32;

/** `whole` without what stands in `known`, in the form that `restored` of src/worker/tables.ts reads. */
export function withoutKnown(whole: Buffer, known: Buffer): Buffer {
  const places = new Map<string, number>();
  for (let place = 0; place + KEY <= known.length; place += 2) {
    const key = known.toString('latin1', place, place + KEY);
    // What repeats itself is no text of a table, and packs well.
    if (new Set(new Uint16Array(known.buffer, known.byteOffset + place, KEY / 2)).size > KEY / 4 && !places.has(key)) places.set(key, place);
  }
  const numbers: number[] = [];
  const rest: Buffer[] = [];
  let begin = 0;
  let at = 0;
  while (at + KEY <= whole.length) {
    const place = places.get(whole.toString('latin1', at, at + KEY));
    if (place === undefined) {
      at += 1;
      continue;
    }
    let length = KEY;
    while (at + length < whole.length && place + length < known.length && whole[at + length] === known[place + length]) length += 1;
    numbers.push(at - begin, place, length);
    rest.push(whole.subarray(begin, at));
    at += length;
    begin = at;
  }
  const head = Buffer.from(Uint32Array.of(numbers.length / 3, ...numbers).buffer);
  return Buffer.concat([head, ...rest, whole.subarray(begin)]);
}
