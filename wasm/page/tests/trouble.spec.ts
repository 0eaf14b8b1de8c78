// Bad input: what is wrong is said beside the file it concerns, and what could be read is kept.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choose, expect, given, isRead, saved, test } from './site';
import { diagnosed, SAMPLES } from './native';

const sample = (name: string): Buffer => readFileSync(join(SAMPLES, name));

/** The same bytes for the page and for the command. */
function both(name: string, bytes: Buffer | string): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'lockwait-page-'));
  writeFileSync(join(folder, name), bytes);
  return { folder, path: join(folder, name) };
}

/** The second of its chunks is garbage; the others are as they were. */
function damagedLog(): Buffer {
  const bytes = Buffer.from(sample('application.evtx'));
  bytes.fill(0xa5, 4096 + 65_536 + 600, 4096 + 65_536 + 30_000);
  return bytes;
}

const BAD: [string, string, () => Buffer | string, RegExp][] = [
  ['a damaged event log', 'damaged.evtx', damagedLog, /byte \d+/],
  ['a capture that is cut off', 'cut.pcap', () => sample('wire.pcap').subarray(0, 20_001), /byte \d+/],
  ['a file of no bytes', 'nothing.log', () => '', /empty|no bytes|nothing/i],
  ['a picture', 'picture.png', () => Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001080600000000', 'hex'), /neither a log nor a capture/],
  ['a ZIP archive', 'logs.zip', () => Buffer.from('504b0304140000000800', 'hex'), /unpack it/],
  ["Procmon's own format", 'boot.pml', () => 'PML_ and more', /Comma-Separated Values/],
  ['a gzip that is cut off', 'cut.log.gz', () => sample('wire.pcap.gz').subarray(0, 3_000), /gzip|unpack|ends/i],
];

for (const [what, name, bytes, words] of BAD) {
  test(`${what} is told of beside its name, and the report is the command's`, async ({ open }) => {
    const { folder, path } = both(name, bytes());
    const page = await open();
    await choose(page, [path]);
    await expect(page.locator('.source', { hasText: name })).toContainText(words);
    expect(await saved(page, 'JSON')).toBe(diagnosed(folder, name));
  });
}

test('what is wrong with one of two files is said beside that one', async ({ open }) => {
  const page = await open();
  await choose(page, [given('good.log', sample('taker.log')), given('bad.zip', Buffer.from('504b0304140000000800', 'hex'))]);
  await expect(page.locator('.source', { hasText: 'bad.zip' })).toContainText('unpack it');
  await expect(page.locator('.source', { hasText: 'good.log' }).locator('.warnings')).toHaveCount(0);
  await expect(page.locator('h1')).toContainText('episode');
});

test('reading that is cancelled keeps what was read, and says that it is partial', async ({ open }) => {
  const page = await open();
  // Gigabytes that take no memory: one part, many times over.
  const part = sample('taker.log').toString().repeat(64);
  await page.evaluate((text) => {
    const one = new Blob([text]);
    const file = new File(Array.from({ length: Math.ceil(4e9 / one.size) }, () => one), 'long.log');
    const transfer = new DataTransfer();
    transfer.items.add(file);
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, cancelable: true }));
  }, part);
  const row = page.locator('.source', { hasText: 'long.log' });
  // It is being read when it is cancelled: some of it has been, and not all.
  await expect.poll(() => row.locator('progress').evaluate((bar: HTMLProgressElement) => bar.value)).toBeGreaterThan(0);
  // The answer so far is there long before the end.
  await expect(page.locator('h1')).toContainText('So far: there is more to read');
  await expect(page.locator('.body .row').first()).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await isRead(page);
  await expect(row).toContainText('cancelled: partial');
  await expect(row).toContainText('reading was cancelled');
  const report = JSON.parse(await saved(page, 'JSON')) as { inputs: { bytes: number; warnings: string[] }[]; episodes: unknown[] };
  expect(report.inputs[0]!.bytes).toBeGreaterThan(0);
  expect(report.inputs[0]!.bytes).toBeLessThan(4e9);
  expect(report.inputs[0]!.warnings.join()).toContain('reading was cancelled');
  expect(report.episodes.length).toBeGreaterThan(0);
});

test('a report that was exported comes back as it was, and is called imported', async ({ open }) => {
  const page = await open();
  await choose(page, [join(SAMPLES, 'wire.pcap')]);
  const [sentence, json] = [await page.locator('h1').innerText(), await saved(page, 'JSON')];
  await page.getByRole('button', { name: 'Start again' }).click();
  await choose(page, [given('lockwait-report.json', json)]);
  await expect(page.locator('h1')).toHaveText(sentence);
  await expect(page.locator('main')).toContainText('imported report');
  await expect(page.getByRole('heading', { name: 'The same locks with Lockwait' })).toHaveCount(0);
  expect(await saved(page, 'JSON')).toBe(json);
  await page.locator('.body .row').first().click();
  await expect(page.locator('#detail')).toContainText('Raw records');
});

test('a report that was tampered with is refused, with the place', async ({ open }) => {
  const page = await open();
  const json = diagnosed(SAMPLES, 'wire.pcap').replace(/"attempts":\d+/, '"attempts":"many"');
  await choose(page, [given('report.json', json)]);
  await expect(page.locator('.source')).toContainText('report.episodes[0].attempts is not a count');
});

test('a report given together with other files is refused beside its name, and the others are read', async ({ open }) => {
  const page = await open();
  await choose(page, [given('report.json', diagnosed(SAMPLES, 'wire.pcap')), given('taker.log', sample('taker.log'))]);
  await expect(page.locator('.source', { hasText: 'report.json' })).toContainText('shown by itself');
  expect(await saved(page, 'JSON')).toBe(diagnosed(SAMPLES, 'taker.log'));
});

test('an engine that fails at one file is made anew, and the others are read', async ({ open }) => {
  const page = await open();
  await choose(page, [given('bad.log', sample('wire.pcap')), given('taker.log', sample('taker.log'))]);
  // What the worker says when the engine has a defect.
  await page.workers()[0]!.evaluate(() => self.postMessage({ answer: 'failed', why: 'a defect', file: 0 }));
  await expect(page.getByRole('alert')).toContainText("failed at 'bad.log': a defect");
  await expect(page.locator('.source')).toHaveCount(1);
  await isRead(page);
  expect(await saved(page, 'JSON')).toBe(diagnosed(SAMPLES, 'taker.log'));
});
