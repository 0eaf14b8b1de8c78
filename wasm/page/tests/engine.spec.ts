// The engine travels without what browsers have: this browser has what was left out.

import { TextDecoder } from '@exodus/bytes/encoding.js';
import { tables } from '../src/worker/tables';
import { expect, test } from './site';

test('this browser decodes the code pages as the build did, so that the engine is whole', async ({ open }) => {
  const asked: [string, number[]][] = [];
  tables((label, bytes) => {
    asked.push([label, [...bytes]]);
    return '';
  });
  const page = await open();
  const texts = await page.evaluate((all) => all.map(([label, bytes]) => new TextDecoder(label).decode(Uint8Array.from(bytes))), asked);
  const theirs = tables(() => texts.shift()!);
  const ours = tables((label, bytes) => new TextDecoder(label).decode(bytes));
  expect(theirs.byteLength).toBe(ours.byteLength);
  expect(Buffer.compare(theirs, ours)).toBe(0);
});
