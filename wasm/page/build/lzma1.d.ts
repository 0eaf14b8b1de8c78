// The package's own types are its sources, which are not written for checks as strict as ours.

export function compress(bytes: Uint8Array, level: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9): Uint8Array;
export function decompress(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
