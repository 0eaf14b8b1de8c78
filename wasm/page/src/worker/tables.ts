// The code pages of East Asia as the engine's decoders hold them. Every browser has them too (Encoding Standard, section 5),
// so that they need not travel: what of the engine stands in `tables` is left out of it by build/pack.ts and put back by
// `restored`. Should a browser have another character in a place, that character is read as the browser reads it.

type Range = readonly [first: number, last: number];
interface Area { label: string; before: readonly number[]; leads: Range; trails: readonly Range[] }

/** In the order in which the standard counts. `before` is what stands before the two bytes of each character. */
const AREAS: readonly Area[] = [
  { label: 'big5', before: [], leads: [0x87, 0xfe], trails: [[0x40, 0x7e], [0xa1, 0xfe]] },
  { label: 'euc-jp', before: [], leads: [0xa1, 0xfe], trails: [[0xa1, 0xfe]] },
  { label: 'euc-jp', before: [0x8f], leads: [0xa1, 0xfe], trails: [[0xa1, 0xfe]] },
  { label: 'shift_jis', before: [], leads: [0xfa, 0xfc], trails: [[0x40, 0x7e], [0x80, 0xfc]] },
  { label: 'euc-kr', before: [], leads: [0xa1, 0xfe], trails: [[0xa1, 0xfe]] },
  { label: 'gbk', before: [], leads: [0xa1, 0xfe], trails: [[0xa1, 0xfe]] },
];
const LINE_END = 0x0a;

/** Decodes bytes of that encoding. */
export type Decode = (label: string, bytes: Uint8Array) => string;

/** The low 16 bits of each character of each area; 0 where there is none. */
export function tables(decode: Decode): Uint8Array {
  const units = AREAS.flatMap(({ label, before, leads, trails }) => {
    const bytes: number[] = [];
    for (let lead = leads[0]; lead <= leads[1]; lead += 1) {
      for (const [first, last] of trails) {
        for (let trail = first; trail <= last; trail += 1) bytes.push(...before, lead, trail, LINE_END);
      }
    }
    const lines = decode(label, Uint8Array.from(bytes)).split('\n');
    return lines.slice(0, -1).map((line) => {
      const [character, more] = line;
      return more !== undefined || character === '\ufffd' ? 0 : character!.codePointAt(0)!;
    });
  });
  // Numbers in WebAssembly are little-endian; so is every machine that runs a browser.
  return new Uint8Array(Uint16Array.from(units).buffer);
}

/** A count; for each stretch that was left out how much stands before it, its place in `tables`, its length; the rest. */
export function restored(packed: Uint8Array<ArrayBuffer>, known: Uint8Array): Uint8Array<ArrayBuffer> {
  const count = new Uint32Array(packed.buffer, packed.byteOffset, 1)[0]!;
  const numbers = new Uint32Array(packed.buffer, packed.byteOffset, 1 + 3 * count);
  const stretches = Array.from({ length: count }, (_, index) => [...numbers.subarray(1 + 3 * index, 4 + 3 * index)] as [number, number, number]);
  let rest = packed.subarray(numbers.byteLength);
  const whole = new Uint8Array(rest.byteLength + stretches.reduce((sum, [, , length]) => sum + length, 0));
  let at = 0;
  for (const [before, place, length] of stretches) {
    whole.set(rest.subarray(0, before), at);
    whole.set(known.subarray(place, place + length), at + before);
    rest = rest.subarray(before);
    at += before + length;
  }
  whole.set(rest, at);
  return whole;
}
